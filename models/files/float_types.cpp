// SPDX-License-Identifier: Apache-2.0
#include "models/files/float_types.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace inpaintd {
namespace {

static_assert(std::endian::native == std::endian::little, "weights are read as they lie in the file");

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float from_half(std::uint16_t half) {
  const int exponent = half >> 10 & 0x1f;
  const int fraction = half & 0x3ff;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0x1f) return fraction != 0 ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
}

float from_bfloat16(std::uint16_t value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16); }

float load_float(const std::byte* from, FloatType type) {
  switch (type) {
    case FloatType::f64:
      return static_cast<float>(load<double>(from));
    case FloatType::f32:
      return load<float>(from);
    case FloatType::f16:
      return from_half(load<std::uint16_t>(from));
    case FloatType::bf16:
      return from_bfloat16(load<std::uint16_t>(from));
  }
  return NAN;
}

}  // namespace

std::vector<float> read_floats(const std::byte* from, std::size_t count, FloatType type) {
  std::vector<float> values(count);
  if (type == FloatType::f32) {
    if (count > 0) std::memcpy(values.data(), from, count * sizeof(float));
    return values;
  }
  for (std::size_t i = 0; i < count; ++i) values[i] = load_float(from + i * bytes_of(type), type);
  return values;
}

}  // namespace inpaintd
