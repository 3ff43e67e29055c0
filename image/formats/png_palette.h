// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "image/formats/png_image.h"

namespace inpaintd {

/// Finds places in a palette for the colours of a fill. Internal to image/.
class PaletteFit {
 public:
  explicit PaletteFit(const std::vector<PngImage::Entry>& palette);

  /// The index of this colour and alpha, which is added if it is new. Nothing if all 256 places are taken.
  std::optional<std::uint8_t> index_of(const PngImage::Entry& colour);
  [[nodiscard]] const std::vector<PngImage::Entry>& palette() const { return palette_; }

 private:
  std::vector<PngImage::Entry> palette_;
  std::unordered_map<std::uint32_t, std::uint8_t> places_;
};

/// The smallest depth of PNG, 1, 2, 4 or 8 bits, whose indices name `entries` colours.
int index_depth(std::size_t entries);

/// Turns indices into RGB, or into RGBA with `alpha`, of 8 bits.
void expand_palette(PngImage& image, bool alpha);

}  // namespace inpaintd
