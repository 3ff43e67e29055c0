// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/result.h"
#include "models/files/tensors.h"

namespace inpaintd {

/// Reads every tensor of type F64, F32, F16 or BF16 of a safetensors file: a length (8 bytes, little endian), a JSON
/// header of that length, `{"name": {"dtype": "F16", "shape": [...], "data_offsets": [begin, end]}, ...}`, the data.
/// Tensors of other types are left out. Errors name the tensor, or the byte of the
/// header at which reading stopped.
Result<NamedTensors, std::string> read_safetensors(std::span<const std::byte> file);

}  // namespace inpaintd
