// SPDX-License-Identifier: Apache-2.0
#include "models/files/float_types.h"

#include <doctest/doctest.h>

#include <cmath>
#include <span>

namespace inpaintd {
namespace {

template <class T>
std::vector<float> read(const std::vector<T>& stored, FloatType type) {
  return read_floats(std::as_bytes(std::span(stored)).data(), stored.size(), type);
}

}  // namespace

TEST_CASE("half precision is read according to IEEE 754, from the smallest number to infinity and NaN") {
  const auto values =
      read<std::uint16_t>({0x0000, 0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0xfc00, 0x3555}, FloatType::f16);
  CHECK(values == std::vector<float>{0.0F, 1.0F, -2.0F, 0x1p-24F, 1023 * 0x1p-24F, 0x1p-14F, 65504.0F, -INFINITY,
                                     0.333251953125F});
  CHECK(std::isnan(read<std::uint16_t>({0x7c01}, FloatType::f16)[0]));
}

TEST_CASE("bfloat16 is read as the upper half of a float") {
  CHECK(read<std::uint16_t>({0x3f80, 0xc040, 0x0000}, FloatType::bf16) == std::vector<float>{1.0F, -3.0F, 0.0F});
}

TEST_CASE("doubles are rounded to floats, and floats are read unchanged") {
  CHECK(read<double>({0.1, -2.5}, FloatType::f64) == std::vector<float>{0.1F, -2.5F});
  CHECK(read<float>({0.1F, -2.5F}, FloatType::f32) == std::vector<float>{0.1F, -2.5F});
  CHECK(read<float>({}, FloatType::f32).empty());
}

}  // namespace inpaintd
