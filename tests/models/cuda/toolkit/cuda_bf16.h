// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

/// Stands in for the type of the CUDA toolkit: the upper half of an fp32, rounded to nearest, ties to even.
class __nv_bfloat16 {
 public:
  __nv_bfloat16() = default;
  explicit __nv_bfloat16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
    bits_ = static_cast<std::uint16_t>(is_nan ? 0x7FFFU : (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
  }
  explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16); }

 private:
  std::uint16_t bits_ = 0;
};
