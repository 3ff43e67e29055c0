// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/files/float_types.h"
#include "models/model_file.h"

namespace inpaintd::tools {

/// The description of a model file for people: the network, the sizes of pictures and holes that it is run with, and
/// the file's metadata, one a line.
std::string model_text(const Model& model, const std::map<std::string, std::string>& metadata);

/// A model as a safetensors file.
struct ConvertedModel {
  std::string bytes;
  std::vector<std::string> left_out;  ///< the names of the tensors that are not in the file
};

/// Writes the network's tensors under their canonical names, those of LaMa after "model." as in the built-in model, and
/// `origin` as the file's metadata. With FloatType::f16, MI-GAN's noise of levels of 256 pixels and more is left out
/// where it is so weak that no pixel changes by a quarter of a level. Throws std::runtime_error for TorchScript modules
/// with a network of their own.
ConvertedModel convert_model(const Model& model, FloatType type, const std::string& origin);

}  // namespace inpaintd::tools
