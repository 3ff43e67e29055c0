// SPDX-License-Identifier: Apache-2.0
// An ONNX file is a protocol buffer, whose fields are (number, wire type) and a value. The numbers are those of
// onnx.proto: ModelProto.graph 7; GraphProto.node 1, initializer 5; NodeProto.input 1, name 3, op_type 4;
// TensorProto.dims 1, data_type 2, float_data 4, name 8, raw_data 9, double_data 10.
#include "models/files/onnx.h"

#include <fmt/format.h>

#include <cstring>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "models/files/float_types.h"

namespace inpaintd {
namespace {

using Bytes = std::span<const std::byte>;

enum class Wire : std::uint8_t { varint = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };

/// One field of a message. `bytes` is its contents, `number` its value where it is a varint.
struct Field {
  std::uint64_t id = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;
  Bytes bytes;

  [[nodiscard]] std::string text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

[[noreturn]] void damaged() { throw std::runtime_error("the ONNX file is damaged, or cut off; fetch it again"); }

/// Reads the fields of a message one after the other.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  std::optional<Field> next() {
    if (rest_.empty()) return std::nullopt;
    const std::uint64_t key = varint();
    Field field{.id = key >> 3, .wire = static_cast<Wire>(key & 7), .value = 0, .bytes = {}};
    switch (field.wire) {
      case Wire::varint:
        field.value = varint();
        break;
      case Wire::eight_bytes:
        field.bytes = take(8);
        break;
      case Wire::four_bytes:
        field.bytes = take(4);
        break;
      case Wire::bytes:
        field.bytes = take(varint());
        break;
      default:
        damaged();
    }
    return field;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(take(1)[0]);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    damaged();
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  Bytes take(std::uint64_t count) {
    if (count > rest_.size()) damaged();
    const Bytes taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(static_cast<std::size_t>(count));
    return taken;
  }

  Bytes rest_;
};

void for_each_field(Bytes message, const std::function<void(const Field&)>& visit) {
  Reader reader(message);
  while (const auto field = reader.next()) visit(*field);
}

std::optional<FloatType> type_of(std::uint64_t data_type) {
  switch (data_type) {
    case 1:
      return FloatType::f32;
    case 10:
      return FloatType::f16;
    case 11:
      return FloatType::f64;
    case 16:
      return FloatType::bf16;
    default:
      return std::nullopt;
  }
}

/// A tensor and its name in the graph; nothing for a tensor of another type.
std::optional<std::pair<std::string, Tensor>> read_tensor(Bytes message) {
  std::string name;
  Tensor tensor;
  std::uint64_t data_type = 0, count = 1;
  Bytes raw;
  for_each_field(message, [&](const Field& field) {
    if (field.id == 1 && field.wire == Wire::varint) tensor.shape.push_back(static_cast<std::int64_t>(field.value));
    if (field.id == 1 && field.wire == Wire::bytes)
      for (Reader packed(field.bytes); !packed.empty();)
        tensor.shape.push_back(static_cast<std::int64_t>(packed.varint()));
    if (field.id == 2) data_type = field.value;
    if (field.id == 8) name = field.text();
    // The numbers of a type of its own, packed, are stored like the raw data.
    if (field.id == 9 || (field.id == 4 && data_type == 1) || (field.id == 10 && data_type == 11)) raw = field.bytes;
  });
  const auto type = type_of(data_type);
  if (!type) return std::nullopt;
  for (const std::int64_t extent : tensor.shape) {
    if (extent < 0 || (extent > 0 && count > raw.size() / static_cast<std::uint64_t>(extent)))
      throw std::runtime_error(fmt::format(
          "the data of tensor \"{}\" is missing or of another size than its shape {}; fetch the file again, "
          "and keep its data in the file itself",
          name, shape_text(tensor.shape)));
    count *= static_cast<std::uint64_t>(extent);
  }
  if (count * bytes_of(*type) != raw.size())
    throw std::runtime_error(fmt::format("tensor \"{}\" of shape {} has {} bytes of data instead of {}", name,
                                         shape_text(tensor.shape), raw.size(), count * bytes_of(*type)));
  tensor.values = read_floats(raw.data(), static_cast<std::size_t>(count), *type);
  return std::pair(name, std::move(tensor));
}

/// The names of constants after the Add nodes that read them.
void read_add(Bytes message, std::map<std::string, std::string>& names) {
  std::vector<std::string> inputs;
  std::string name, operation;
  for_each_field(message, [&](const Field& field) {
    if (field.id == 1) inputs.push_back(field.text());
    if (field.id == 3) name = field.text();
    if (field.id == 4) operation = field.text();
  });
  if (operation != "Add" || inputs.size() != 2 || name.size() < 2 || name[0] != '/') return;
  name.erase(0, 1);
  for (char& c : name)
    if (c == '/') c = '.';
  names[inputs[1]] = name;
}

NamedTensors read(Bytes file) {
  NamedTensors tensors;
  std::map<std::string, std::string> added;
  bool has_graph = false;
  for_each_field(file, [&](const Field& model) {
    if (model.id != 7 || model.wire != Wire::bytes) return;
    has_graph = true;
    for_each_field(model.bytes, [&](const Field& graph) {
      if (graph.wire != Wire::bytes) return;
      if (graph.id == 1) read_add(graph.bytes, added);
      if (graph.id == 5)
        if (auto tensor = read_tensor(graph.bytes)) tensors.insert(*std::move(tensor));
    });
  });
  if (!has_graph) damaged();
  for (const auto& [constant, name] : added)
    if (constant.starts_with("onnx::"))
      if (auto tensor = tensors.extract(constant)) {
        tensor.key() = name;
        tensors.insert(std::move(tensor));
      }
  return tensors;
}

}  // namespace

bool is_onnx(Bytes start) {
  // The first field is the version of the format: field 1, a varint between 3 and 20.
  return start.size() >= 2 && start[0] == std::byte{8} && start[1] >= std::byte{3} && start[1] <= std::byte{20};
}

Result<NamedTensors, std::string> read_onnx(Bytes file) {
  try {
    return read(file);
  } catch (const std::runtime_error& error) {
    return std::string(error.what());
  }
}

}  // namespace inpaintd
