// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/pixels.h"
#include "core/request.h"

namespace inpaintd {

/// A PNG as it is stored: not upright, not expanded.
struct PngImage {
  using Entry = std::array<std::uint8_t, 4>;  ///< red, green, blue, alpha

  Pixels samples;              ///< one byte for each sample; with a `depth` of 16 two, in the byte order of the machine
  int depth = 8;               ///< bits of a sample
  std::vector<Entry> palette;  ///< empty unless the samples are indices; else it has an entry for every index
  std::vector<std::uint16_t> transparent;  ///< the grey level or colour that is transparent; empty: none
  int orientation = 1;                     ///< of the EXIF block

  [[nodiscard]] int channels() const { return depth == 16 ? samples.channels / 2 : samples.channels; }
};

/// Reads a file that has been decoded before, so without limits.
PngImage read_png_image(Bytes file);

/// Encodes a picture without a profile. The orientation is not written.
std::string write_png(const PngImage& image);

}  // namespace inpaintd
