// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace inpaintd {

/// Uniform numbers from raw generator bits, the same on every machine; <random>'s distributions are not portable.
class Uniform {
 public:
  explicit Uniform(std::uint32_t seed) : bits_(seed) {}
  void fill(std::vector<float>& values, float low, float high) {
    for (float& value : values) value = low + (high - low) * (static_cast<float>(bits_() >> 8) * 0x1p-24F);
  }

 private:
  std::mt19937 bits_;
};

}  // namespace inpaintd
