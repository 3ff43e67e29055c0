// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace inpaintd {

/// A dense fp32 tensor in row-major order.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// The tensors of a file by their names in the file.
using NamedTensors = std::map<std::string, Tensor>;

/// The text of a shape, such as "[128, 64, 3, 3]".
std::string shape_text(const std::vector<std::int64_t>& shape);

/// Reads the floating-point tensors whose names `wanted` accepts from a TorchScript module, a state dict saved by
/// torch.save, a safetensors file or an ONNX file. The first bytes of the file tell its form. Throws
/// std::runtime_error, which says what is wrong with the file and what to do.
NamedTensors read_tensors(const std::string& path, const std::function<bool(const std::string&)>& wanted);

/// The metadata of a safetensors file; nothing for files of the other forms. Throws like read_tensors.
std::map<std::string, std::string> read_metadata(const std::string& path);

}  // namespace inpaintd
