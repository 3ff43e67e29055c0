// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "core/result.h"
#include "models/files/tensors.h"

namespace inpaintd {

/// Reads the floating-point tensors whose dotted names `wanted` accepts from a zip archive of PyTorch: a TorchScript
/// module, or a state dict, checkpoint or module saved by torch.save. Runs no code of the file. Errors say what is
/// wrong with the file.
Result<NamedTensors, std::string> read_torch_archive(const std::string& path,
                                                     const std::function<bool(const std::string&)>& wanted);

/// Whether `path` is a TorchScript module, which can be run as it is.
bool is_torchscript(const std::string& path);

}  // namespace inpaintd
