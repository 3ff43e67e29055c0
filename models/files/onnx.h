// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/result.h"
#include "models/files/tensors.h"

namespace inpaintd {

/// Whether `start`, the first bytes of a file, can be the start of an ONNX model.
bool is_onnx(std::span<const std::byte> start);

/// Reads the floating-point constants of an ONNX model (opset 9 or newer). A constant that the exporter named by itself
/// and that is the second operand of an Add is named after that node: "onnx::Add_1668" of the node
/// "/model/synthesis/b8/conv1/Add" becomes "model.synthesis.b8.conv1.Add". No operation of the file is run. Errors say
/// what is wrong with the file.
Result<NamedTensors, std::string> read_onnx(std::span<const std::byte> file);

}  // namespace inpaintd
