// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core.hpp>

#include "core/input.h"

namespace inpaintd {

/// The part `part` of the mask, shrunk to the size `scaled`: every pixel that touches a hole is a hole. Internal to
/// image/.
Pixels shrink_mask(const Pixels& mask, const Rect& part, Size scaled);

/// The prediction at the size of the tile's window. Before it is enlarged, the known pixels replace what the network
/// made of them: the interpolation reads them beside the hole's edge. Internal to image/.
cv::Mat unscaled(const Tile& tile, const Pixels& prediction);

}  // namespace inpaintd
