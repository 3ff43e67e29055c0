// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/input.h"

namespace inpaintd {

/// The most bytes for each pixel of a tile, and for each of the picture, that `show` needs for a picture with alpha
/// beside the image of the tile: the copy, the visible pixels, and the levels of `extend`.
inline constexpr std::size_t showing_tile_bytes = 3 + 1 + 3 * sizeof(float), showing_picture_bytes = 1;

/// Sets the image of a tile to what the network sees of the picture: the window in sRGB (image/colour_conversion.h), at
/// the size of the tile. Known pixels that are fully transparent show a continuation of the visible colours instead of
/// the hidden ones, which are black or arbitrary in most files, and would be continued into the hole. Internal to
/// image/.
void show(Tile& tile, const Picture& picture);

}  // namespace inpaintd
