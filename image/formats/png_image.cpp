// SPDX-License-Identifier: Apache-2.0
#include "image/formats/png_image.h"

#include <algorithm>
#include <limits>

#include "image/formats/formats.h"
#include "image/formats/png_chunks.h"

namespace inpaintd {
namespace {

constexpr std::uint8_t opaque = 255;

/// libpng shows an index beyond the palette as black.
std::vector<PngImage::Entry> palette_of(const Frame& frame, Bytes alphas) {
  std::vector<PngImage::Entry> palette;
  if (frame.palette.empty()) return palette;
  for (const Colour& colour : frame.palette) palette.push_back({colour.red, colour.green, colour.blue, opaque});
  const std::size_t used = *std::ranges::max_element(frame.samples.bytes) + std::size_t{1};
  if (used > palette.size()) palette.resize(used, {0, 0, 0, opaque});
  for (std::size_t i = 0; i < std::min(alphas.size(), frame.palette.size()); ++i) palette[i][3] = alphas[i];
  return palette;
}

std::vector<std::uint16_t> transparent_of(int channels, int depth, Bytes data) {
  std::vector<std::uint16_t> sample;
  if (channels % 2 == 0 || data.size() != 2 * static_cast<std::size_t>(channels)) return sample;
  const unsigned bits = (1U << depth) - 1;  // the others are ignored
  for (std::size_t i = 0; i < data.size(); i += 2)
    sample.push_back(static_cast<std::uint16_t>((unsigned{data[i]} << 8 | data[i + 1]) & bits));
  return sample;
}

}  // namespace

PngImage read_png_image(Bytes file) {
  constexpr ImageLimits no_limits{.pixels_max = std::numeric_limits<int>::max(),
                                  .side_max = std::numeric_limits<int>::max()};
  Frame frame = read_png(file, no_limits, Samples::stored);
  const Bytes transparency = png_chunk(png_chunks(file), "tRNS");
  PngImage image;
  image.depth = frame.depth;
  image.orientation = exif_orientation(frame.exif);
  image.palette = palette_of(frame, transparency);
  image.samples = std::move(frame.samples);
  if (image.palette.empty()) image.transparent = transparent_of(image.channels(), image.depth, transparency);
  return image;
}

}  // namespace inpaintd
