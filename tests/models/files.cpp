// SPDX-License-Identifier: Apache-2.0
#include "tests/models/files.h"

#include <caffe2/serialize/inline_container.h>

#include <cstdint>

#include "models/files/safetensors_writer.h"

namespace inpaintd {
namespace {

std::string little_endian(std::uint64_t value, int bytes) {
  return {reinterpret_cast<const char*>(&value), static_cast<std::size_t>(bytes)};
}

/// Pickle protocol 2, opcode by opcode as Python's torch.save writes it.
std::string pickled(const std::string& text) { return "X" + little_endian(text.size(), 4) + text; }
std::string pickled(std::int64_t number) { return "J" + little_endian(static_cast<std::uint64_t>(number), 4); }
std::string pickled_tuple(const std::vector<std::int64_t>& numbers) {
  std::string bytes = "(";
  for (std::int64_t number : numbers) bytes += pickled(number);
  return bytes + "t";
}
std::string empty_ordered_dict(int memo) {
  return "ccollections\nOrderedDict\nq" + little_endian(static_cast<std::uint64_t>(memo), 1) + ")R";
}
std::string pickled(const Tensor& tensor, const std::string& key) {
  std::vector<std::int64_t> strides(tensor.shape.size(), 1);
  for (std::size_t d = tensor.shape.size(); d-- > 1;) strides[d - 1] = strides[d] * tensor.shape[d];
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled("storage") + "ctorch\nFloatStorage\n" + pickled(key) +
         pickled("cuda:0") + pickled(static_cast<std::int64_t>(tensor.values.size())) + "tQ" + pickled(0) +
         pickled_tuple(tensor.shape) + pickled_tuple(strides) + "\x89" + empty_ordered_dict(2) + "tR";
}

}  // namespace

std::string safetensors_bytes(const std::string& header, const std::string& data) {
  return little_endian(header.size(), 8) + header + data;
}

std::string safetensors_bytes(const NamedTensors& tensors, FloatType type) {
  return write_safetensors(tensors, type, {{"made \"by\"", "a\ntest \u00e9"}});
}

void write_state_dict(const std::string& path, const NamedTensors& tensors, bool nested) {
  caffe2::serialize::PyTorchStreamWriter writer(path);
  std::string bytes = "\x80\x02";
  if (nested) bytes += "}(" + pickled("epoch") + pickled(3) + pickled("state_dict");
  bytes += empty_ordered_dict(0) + "(";
  int key = 0;
  for (const auto& [name, tensor] : tensors) {
    bytes += pickled(name) + pickled(tensor, std::to_string(key));
    writer.writeRecord("data/" + std::to_string(key++), tensor.values.data(), tensor.values.size() * sizeof(float));
  }
  bytes += "u}" + pickled("_metadata") + empty_ordered_dict(0) + "sb";
  if (nested) bytes += "u";
  bytes += ".";
  writer.writeRecord("data.pkl", bytes.data(), bytes.size());
  writer.writeEndOfFile();
}

NamedTensors prefixed(const std::string& prefix, const std::map<std::string, Tensor>& tensors) {
  NamedTensors result;
  for (const auto& [name, tensor] : tensors) result[prefix + name] = tensor;
  return result;
}

}  // namespace inpaintd
