// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "core/pixels.h"

namespace inpaintd::test {

/// A picture and its mask.
struct Pair {
  Pixels image;
  Pixels mask;
};

/// Noise, with a rectangular hole.
inline Pair random_pair(int width, int height, std::uint32_t seed) {
  std::mt19937 bits(seed);
  Pair pair{Pixels(width, height, 3), Pixels(width, height, 1)};
  for (auto& byte : pair.image.bytes) byte = static_cast<std::uint8_t>(bits());
  for (int y = 3; y < height / 2; ++y) std::fill_n(pair.mask.row(y) + 4, width / 2, std::uint8_t{255});
  return pair;
}

/// In levels of 255, over all samples.
inline int largest_difference(const Pixels& a, const Pixels& b) {
  REQUIRE(a.size() == b.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
  return largest;
}

}  // namespace inpaintd::test
