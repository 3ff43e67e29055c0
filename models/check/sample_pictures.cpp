// SPDX-License-Identifier: Apache-2.0
#include "models/check/sample_pictures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace inpaintd {
namespace {

/// The level 0..255 of one colour at one point.
using Painter = std::function<double(int x, int y, int colour)>;

std::vector<Painter> painters(std::mt19937& bits) {
  return {
      [](int x, int y, int c) { return 60 + 0.5 * x + 0.4 * y * (c + 1); },
      [](int x, int y, int c) { return (x / 24 + y / 16) % 2 == 0 ? 30 + 60 * c : 220 - 40 * c; },
      [](int x, int y, int c) { return 128 + 100 * std::sin(0.21 * x + 0.13 * y * y / 16 + 2 * c); },
      [&bits](int, int, int) { return 96.0 + bits() % 64; },
      [](int x, int, int) { return x % 96 < 48 ? 20.0 : 235.0; },
  };
}

}  // namespace

SamplePictures::SamplePictures(Size size) {
  std::mt19937 bits(7);
  for (const Painter& paint : painters(bits)) {
    Pixels& image = images_.emplace_back(size.width, size.height, 3);
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x)
        for (int c = 0; c < 3; ++c)
          image.row(y)[3 * x + c] = static_cast<std::uint8_t>(std::clamp(paint(x, y, c), 0.0, 255.0));
    // Holes of different sizes at different places: a small one, and up to half of the picture.
    Pixels& mask = masks_.emplace_back(size.width, size.height, 1);
    const int share = static_cast<int>(images_.size());
    const int height = size.height * share / 7, width = size.width * share / 7;
    const int top = (size.height - height) / share, left = (size.width - width) / (7 - share);
    for (int y = top; y < top + height; ++y) std::fill_n(mask.row(y) + left, width, std::uint8_t{255});
  }
}

std::vector<NetworkInput> SamplePictures::batch() const {
  std::vector<NetworkInput> inputs;
  for (std::size_t i = 0; i < images_.size(); ++i) inputs.push_back({&images_[i], &masks_[i]});
  return inputs;
}

}  // namespace inpaintd
