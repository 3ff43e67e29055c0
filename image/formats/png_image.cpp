// SPDX-License-Identifier: Apache-2.0
#include "image/formats/png_image.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "image/formats/formats.h"

namespace inpaintd {
namespace {

constexpr std::uint8_t opaque = 255;

/// libpng shows an index beyond the palette as black.
std::vector<PngImage::Entry> palette_of(const Frame& frame) {
  std::vector<PngImage::Entry> palette;
  if (frame.palette.empty()) return palette;
  for (const Colour& colour : frame.palette) palette.push_back({colour.red, colour.green, colour.blue, opaque});
  const std::size_t used = *std::ranges::max_element(frame.samples.bytes) + std::size_t{1};
  if (used > palette.size()) palette.resize(used, {0, 0, 0, opaque});
  for (std::size_t i = 0; i < std::min(frame.alphas.size(), frame.palette.size()); ++i) palette[i][3] = frame.alphas[i];
  return palette;
}

}  // namespace

PngImage read_png_image(Bytes file) {
  Frame frame = read_png(file, no_limits, Samples::stored);
  PngImage image;
  image.depth = frame.depth;
  image.orientation = exif_orientation(frame.exif);
  image.palette = palette_of(frame);
  image.samples = std::move(frame.samples);
  image.transparent = std::move(frame.transparent);
  return image;
}

}  // namespace inpaintd
