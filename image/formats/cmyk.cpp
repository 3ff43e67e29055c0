// SPDX-License-Identifier: Apache-2.0
#include "image/formats/cmyk.h"

#include <algorithm>
#include <cstddef>

namespace inpaintd {
namespace {

/// What turns stored values into 255 - ink.
int flip_of(bool inverted) { return inverted ? 0 : 255; }

}  // namespace

void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, int width, bool inverted) {
  const int flip = flip_of(inverted);
  for (int x = 0; x < width; ++x, cmyk += 4)
    for (int c = 0; c < 3; ++c) *rgb++ = static_cast<std::uint8_t>(((cmyk[c] ^ flip) * (cmyk[3] ^ flip) + 127) / 255);
}

void rgb_to_cmyk(const std::uint8_t* rgb, std::uint8_t* cmyk, bool inverted) {
  const int flip = flip_of(inverted), light = std::max({rgb[0], rgb[1], rgb[2]});
  for (int c = 0; c < 3; ++c) {
    const int value = light > 0 ? (rgb[c] * 255 + light / 2) / light : 255;
    cmyk[c] = static_cast<std::uint8_t>(value ^ flip);
  }
  cmyk[3] = static_cast<std::uint8_t>(light ^ flip);
}

}  // namespace inpaintd
