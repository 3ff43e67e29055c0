// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "core/input.h"
#include "image/geometry.h"

/// Pictures of 16 bits, of which the network sees and predicts 8. Internal to image/.
namespace inpaintd {

using DeepPixels = cv::Mat_<cv::Vec<std::uint16_t, 3>>;

/// The bits of a sample of a PNG without a palette: 1, 2, 4 or 8 for grey, 8 or 16 otherwise. 8 for all other files.
int stored_depth(Bytes file);

/// The upright RGB samples of a PNG of 16 bits; grey has three equal ones.
DeepPixels deep_pixels(Bytes file);

/// Pastes one prediction like `paste`, but with samples of 16 bits between its levels: each sample is the mean of its
/// neighbourhood, at most half a level of 8 bits away from the prediction. So a smooth gradient is continued without
/// steps, and details stay. `known` is the whole picture, and `canvas` the part `frame` of it.
void paste_deep(DeepPixels canvas, const Rect& frame, const DeepPixels& known, const Picture& picture,
                const Pixels& mask, const Tile& tile, const Pixels& prediction, const Patch& patch);

/// The samples in 8 bits, as libpng reduces them.
Pixels reduced(const DeepPixels& deep);

/// The samples of a canvas: those of a patch that is a PNG of 16 bits, and otherwise those of `rgb`.
std::vector<std::uint16_t> deep_samples(Bytes patch, const Pixels& rgb);

}  // namespace inpaintd
