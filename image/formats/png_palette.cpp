// SPDX-License-Identifier: Apache-2.0
#include "image/formats/png_palette.h"

#include <algorithm>
#include <utility>

namespace inpaintd {
namespace {

constexpr std::size_t places_max = 256;

std::uint32_t key_of(const PngImage::Entry& colour) {
  std::uint32_t key = 0;
  for (const std::uint8_t each : colour) key = key << 8 | each;
  return key;
}

}  // namespace

PaletteFit::PaletteFit(const std::vector<PngImage::Entry>& palette) : palette_(palette) {
  for (std::size_t i = 0; i < palette_.size(); ++i)
    places_.try_emplace(key_of(palette_[i]), static_cast<std::uint8_t>(i));
}

std::optional<std::uint8_t> PaletteFit::index_of(const PngImage::Entry& colour) {
  const auto key = key_of(colour);
  if (const auto found = places_.find(key); found != places_.end()) return found->second;
  if (palette_.size() >= places_max) return std::nullopt;
  const auto place = static_cast<std::uint8_t>(palette_.size());
  palette_.push_back(colour);
  places_.emplace(key, place);
  return place;
}

int index_depth(std::size_t entries) {
  int depth = 1;
  while (depth < 8 && entries > std::size_t{1} << depth) depth *= 2;
  return depth;
}

void expand_palette(PngImage& image, bool alpha) {
  const auto channels = static_cast<std::size_t>(alpha ? 4 : 3);
  Pixels expanded(image.samples.width, image.samples.height, static_cast<int>(channels));
  auto to = expanded.bytes.begin();
  for (const std::uint8_t index : image.samples.bytes) to = std::copy_n(image.palette[index].begin(), channels, to);
  image.samples = std::move(expanded);
  image.palette.clear();
  image.depth = 8;
}

}  // namespace inpaintd
