// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/result.h"
#include "models/lama/structure.h"

namespace inpaintd {

/// Reads every tensor of type F64, F32, F16 or BF16 of a safetensors file: a length (8 bytes, little endian), a JSON
/// header of that length, `{"name": {"dtype": "F16", "shape": [...], "data_offsets": [begin, end]}, ...}`, the data.
/// Tensors of other types are left out. Errors say what is wrong with the file, and name the tensor, or the header's
/// byte up to which it was read.
Result<NamedTensors, std::string> read_safetensors(std::span<const std::byte> file);

}  // namespace inpaintd
