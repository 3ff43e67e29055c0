// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"

namespace inpaintd {

/// `part` of the mask at the smaller size `scaled`: every pixel that touches a hole is a hole. Internal to image/.
Pixels shrink_mask(const Pixels& mask, const Rect& part, Size scaled);

}  // namespace inpaintd
