// SPDX-License-Identifier: Apache-2.0
#include "models/files/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace inpaintd {

std::string shape_text(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

void check_tensor(const std::string& name, const Tensor& tensor, const std::vector<std::int64_t>& wanted) {
  if (tensor.shape != wanted)
    throw std::runtime_error(
        fmt::format("tensor \"{}\" has shape {} instead of {}", name, shape_text(tensor.shape), shape_text(wanted)));
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), [](float v) { return std::isfinite(v); }))
    throw std::runtime_error(fmt::format("tensor \"{}\" holds NaN or Inf", name));
}

}  // namespace inpaintd
