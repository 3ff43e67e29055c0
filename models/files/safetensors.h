// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
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

/// The texts of the header's "__metadata__", of which a file may have none. Errors as above.
Result<std::map<std::string, std::string>, std::string> read_safetensors_metadata(std::span<const std::byte> file);

}  // namespace inpaintd
