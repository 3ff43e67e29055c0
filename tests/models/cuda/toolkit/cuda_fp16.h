// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

/// Stands in for the type of the CUDA toolkit: IEEE 754 binary16, rounded to nearest, ties to even.
class __half {
 public:
  __half() = default;
  explicit __half(float value) {
    const auto sign = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16 & 0x8000U);
    bits_ = static_cast<std::uint16_t>(sign | magnitude(std::fabs(value)));
  }
  explicit operator float() const {
    const int exponent = bits_ >> 10 & 31, fraction = bits_ & 1023;
    float value = 0;
    if (exponent == 31)
      value = fraction == 0 ? INFINITY : NAN;
    else if (exponent == 0)
      value = std::ldexp(static_cast<float>(fraction), -24);
    else
      value = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    return bits_ & 0x8000U ? -value : value;
  }

 private:
  static unsigned magnitude(float value) {
    if (std::isnan(value)) return 0x7FFFU;
    if (value >= 65520) return 0x7C00U;  // from the middle between the largest number and the next one on
    int exponent = 0;
    std::frexp(value, &exponent);
    if (value < std::ldexp(1.0F, -14)) exponent = -13;  // all of these have one spacing
    // nearbyint rounds ties to even. A fraction that is rounded up to 2048 carries into the exponent, as it should.
    const auto fraction = static_cast<unsigned>(std::nearbyint(std::ldexp(value, 11 - exponent)));
    return (static_cast<unsigned>(exponent + 13) << 10) + fraction;
  }

  std::uint16_t bits_ = 0;
};
