// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"

namespace inpaintd {

/// The part `part` of the mask, shrunk to the size `scaled`: every pixel that touches a hole is a hole. Internal to
/// image/.
Pixels shrink_mask(const Pixels& mask, const Rect& part, Size scaled);

}  // namespace inpaintd
