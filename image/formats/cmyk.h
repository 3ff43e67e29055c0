// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// CMYK without colour management. Internal to image/formats/.
namespace inpaintd {

/// Converts `width` pixels of four inks to RGB. `inverted`: the file stores 255 - ink, as programs of Adobe do.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, int width, bool inverted);

/// The inks of one RGB pixel, with as much black as possible, so that the least ink is used. cmyk_to_rgb gives the
/// pixel back, but for rounding.
void rgb_to_cmyk(const std::uint8_t* rgb, std::uint8_t* cmyk, bool inverted);

}  // namespace inpaintd
