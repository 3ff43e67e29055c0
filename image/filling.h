// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/input.h"
#include "image/geometry.h"

namespace inpaintd {

/// The part `frame` of the picture with its holes filled from the predictions (one per tile, in order): in the colours
/// and the depth of the picture, and with alpha if it is to be filled. No pixels for an empty frame. Internal to
/// image/.
Canvas filled(const Input& input, const std::vector<Pixels>& predictions, const Rect& frame);

}  // namespace inpaintd
