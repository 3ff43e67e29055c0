// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "models/files/float_types.h"
#include "models/files/tensors.h"

namespace inpaintd {

/// The bytes of a safetensors file, as read_safetensors of safetensors.h reads them. `metadata` becomes its
/// "__metadata__". With `f16`, a tensor with a finite number beyond the range of f16 (65504) is stored as f32. The data
/// begins at a multiple of 8 bytes. The same arguments make the same file. Bytes that are not UTF-8 become U+FFFD.
std::string write_safetensors(const NamedTensors& tensors, FloatType type,
                              const std::map<std::string, std::string>& metadata = {});

}  // namespace inpaintd
