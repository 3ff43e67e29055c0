// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/files/tensors.h"
#include "tests/fuzz/fuzz.h"

namespace inpaintd::fuzz {

/// Checks that every tensor has as many values as its shape says.
inline void check_tensors(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    std::uint64_t count = 1;
    for (const std::int64_t extent : tensor.shape) count *= static_cast<std::uint64_t>(extent);
    require(tensor.values.size() == count, "a tensor has as many values as its shape says");
  }
}

}  // namespace inpaintd::fuzz
