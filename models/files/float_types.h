// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inpaintd {

/// The format of the numbers in a file (little endian).
enum class FloatType : std::uint8_t { f64, f32, f16, bf16 };

/// The size of one number.
constexpr std::size_t bytes_of(FloatType type) {
  if (type == FloatType::f64) return 8;
  return type == FloatType::f32 ? 4 : 2;
}

/// Appends `values` in the format `type`, each rounded to the nearest number, with ties to even.
void append_floats(std::string& bytes, std::span<const float> values, FloatType type);

/// Reads `count` numbers at `from` as fp32; the bytes need no alignment.
std::vector<float> read_floats(const std::byte* from, std::size_t count, FloatType type);

}  // namespace inpaintd
