// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "models/files/float_types.h"
#include "models/files/tensors.h"

namespace inpaintd {

/// A safetensors file with metadata.
std::string safetensors_bytes(const NamedTensors& tensors, FloatType type = FloatType::f32);
/// A safetensors file with the given header.
std::string safetensors_bytes(const std::string& header, const std::string& data);

/// Writes a file like torch.save(OrderedDict), or with `nested` torch.save({"epoch": 3, "state_dict": OrderedDict}).
void write_state_dict(const std::string& path, const NamedTensors& tensors, bool nested = false);

/// The tensors with a prefix before each canonical name.
NamedTensors prefixed(const std::string& prefix, const std::map<std::string, Tensor>& tensors);

}  // namespace inpaintd
