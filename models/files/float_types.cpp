// SPDX-License-Identifier: Apache-2.0
#include "models/files/float_types.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <bit>
#include <cstring>

namespace inpaintd {
namespace {

static_assert(std::endian::native == std::endian::little, "files store numbers in little endian");

template <class Stored>
std::vector<float> read_as(const std::byte* from, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) {
    Stored stored;
    std::memcpy(&stored, from, sizeof stored);
    value = static_cast<float>(stored);
    from += sizeof stored;
  }
  return values;
}

template <class Stored>
void append_as(std::string& bytes, std::span<const float> values) {
  const std::size_t begin = bytes.size();
  bytes.resize(begin + values.size() * sizeof(Stored));
  char* to = bytes.data() + begin;
  for (const float value : values) {
    const auto stored = static_cast<Stored>(value);
    std::memcpy(to, &stored, sizeof stored);
    to += sizeof stored;
  }
}

}  // namespace

void append_floats(std::string& bytes, std::span<const float> values, FloatType type) {
  switch (type) {
    case FloatType::f64:
      return append_as<double>(bytes, values);
    case FloatType::f32:
      return append_as<float>(bytes, values);
    case FloatType::f16:
      return append_as<c10::Half>(bytes, values);
    case FloatType::bf16:
      return append_as<c10::BFloat16>(bytes, values);
  }
}

std::vector<float> read_floats(const std::byte* from, std::size_t count, FloatType type) {
  switch (type) {
    case FloatType::f64:
      return read_as<double>(from, count);
    case FloatType::f32:
      return read_as<float>(from, count);
    case FloatType::f16:
      return read_as<c10::Half>(from, count);
    case FloatType::bf16:
      return read_as<c10::BFloat16>(from, count);
  }
  return {};
}

}  // namespace inpaintd
