// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

/// Checks that the tensor has the shape `wanted` and finite numbers. Throws std::runtime_error, which names it.
void check_tensor(const std::string& name, const Tensor& tensor, const std::vector<std::int64_t>& wanted);

}  // namespace inpaintd
