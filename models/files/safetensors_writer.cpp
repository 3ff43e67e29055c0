// SPDX-License-Identifier: Apache-2.0
#include "models/files/safetensors_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace inpaintd {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t alignment = 8;
constexpr float f16_max = 65504;

const char* dtype_of(FloatType type) {
  switch (type) {
    case FloatType::f64:
      return "F64";
    case FloatType::f32:
      return "F32";
    case FloatType::f16:
      return "F16";
    case FloatType::bf16:
      return "BF16";
  }
  return "";
}

/// `type`, or f32 where f16 would turn a number into infinity.
FloatType type_for(const Tensor& tensor, FloatType type) {
  const auto beyond = [](float value) { return std::isfinite(value) && std::abs(value) > f16_max; };
  return type == FloatType::f16 && std::ranges::any_of(tensor.values, beyond) ? FloatType::f32 : type;
}

}  // namespace

std::string write_safetensors(const NamedTensors& tensors, FloatType type,
                              const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  std::string data;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t begin = data.size();
    const FloatType stored = type_for(tensor, type);
    append_floats(data, tensor.values, stored);
    header[name] = {{"dtype", dtype_of(stored)}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((alignment - text.size() % alignment) % alignment, ' ');
  std::string file;
  for (std::uint64_t length = text.size(), byte = 0; byte < sizeof length; ++byte)
    file.push_back(static_cast<char>(length >> (8 * byte) & 0xff));
  return file + text + data;
}

}  // namespace inpaintd
