// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/input.h"

namespace inpaintd {

/// The most bytes a pixel of a tile that `show` needs beside the tile's image, for a picture with alpha.
inline constexpr std::size_t extension_bytes = 3 + 1 + 12;

/// Sets the image of a tile to what the network sees of the picture: the window in sRGB (image/colour_conversion.h), at
/// the size of the tile. Where the picture is fully transparent, it shows a continuation of the visible colours instead
/// of the hidden ones, which are black or arbitrary in most files and would be continued into the hole. `holes` is the
/// mask of the whole picture. Internal to image/.
void show(Tile& tile, const Picture& picture, const Pixels& holes);

}  // namespace inpaintd
