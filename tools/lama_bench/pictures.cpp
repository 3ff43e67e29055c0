// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/pictures.h"

#include <algorithm>
#include <cmath>

namespace inpaintd::tools {

void Pictures::draw(Size size, int count) {
  images_.clear();
  masks_.clear();
  for (int i = 0; i < count; ++i) {
    draw_image(size);
    draw_mask(size);
  }
}

std::vector<NetworkInput> Pictures::batch(int count) const {
  std::vector<NetworkInput> inputs;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) inputs.push_back(input(i));
  return inputs;
}

void Pictures::draw_image(Size size) {
  Pixels& image = images_.emplace_back(size.width, size.height, 3);
  const double wave = 0.02 + 0.2 * static_cast<double>(bits_() % 100) / 100;
  const int noise = static_cast<int>(bits_() % 64) + 1;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width * 3; ++x) {
      const double base = 110 + 60 * std::sin(wave * (x / 3 + 2 * y) + x % 3) + ((x / 96 + y / 32) % 2 == 0 ? 40 : 0);
      image.row(y)[x] = static_cast<std::uint8_t>(std::clamp(base, 0.0, 191.0) + bits_() % noise);
    }
}

void Pictures::draw_mask(Size size) {
  Pixels& mask = masks_.emplace_back(size.width, size.height, 1);
  const int width = size.width * 9 / 20, height = size.height * 9 / 20;
  const int left = static_cast<int>(bits_() % static_cast<unsigned>(size.width - width));
  const int top = static_cast<int>(bits_() % static_cast<unsigned>(size.height - height));
  for (int y = top; y < top + height; ++y) std::fill_n(mask.row(y) + left, width, std::uint8_t{255});
}

}  // namespace inpaintd::tools
