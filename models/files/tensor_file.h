// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "models/files/tensors.h"

namespace inpaintd {

/// Reads the floating-point tensors whose names `wanted` accepts from a TorchScript module, a state dict saved by
/// torch.save, a safetensors file or an ONNX file. The first bytes of the file tell its form. Throws
/// std::runtime_error, which says what is wrong with the file and what to do.
NamedTensors read_tensors(const std::string& path, const std::function<bool(const std::string&)>& wanted);

/// The metadata of a safetensors file; nothing for files of the other forms. Throws like read_tensors.
std::map<std::string, std::string> read_metadata(const std::string& path);

}  // namespace inpaintd
