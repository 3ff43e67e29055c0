// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "models/files/tensors.h"
#include "models/inpainter.h"

namespace inpaintd {

/// The numbers of channels and blocks that define a LaMa generator; big-lama has {64, 18, 128, 384}.
struct LamaShape {
  int ngf = 64;      ///< channels after the first convolution; each of the three down-samplings doubles them
  int blocks = 18;   ///< FFC residual blocks, two FFC layers each
  int local = 128;   ///< channels of the local branch in the blocks
  int global = 384;  ///< channels of the global (spectral) branch; local + global = 8 ngf

  friend bool operator==(const LamaShape&, const LamaShape&) = default;
};

/// The tensors of a generator as they were trained, with nothing folded. A canonical name is what follows `model.` in
/// the name of the generator's tensor, such as "5.conv1.ffc.convg2g.fu.conv_layer.weight" or "24.bias".
struct LamaWeights {
  LamaShape shape;
  std::map<std::string, Tensor> tensors;  ///< by canonical name
  std::string model;                      ///< short name: the file's stem, or "default"
  std::string origin;                     ///< where the weights come from, for messages
};

/// The first layer's weight. Only LaMa generators have a tensor of this name.
inline constexpr std::string_view lama_anchor = "1.ffc.convl2l.weight";

/// The canonical name of the tensor that a file calls `name`; empty for tensors that no generator has.
std::string_view lama_name(std::string_view name);

/// Picks the generator out of the tensors of a file. Names are matched by suffix, so any prefix is accepted. Every
/// tensor of the structure must occur exactly once, with its shape. Throws std::runtime_error, which names the tensor.
LamaWeights pick_lama(NamedTensors tensors);

/// The LaMa weights of a model file (models/model_file.h), or of the embedded default for an empty path. Errors (kind
/// `failed`) name the file and the tensor; a file that holds another network is one.
Result<LamaWeights, EngineFailure> load_lama_weights(const std::string& path);

/// Makes a network of the given shape with reproducible random weights for tests and benchmarks, scaled so that
/// activations neither vanish nor saturate.
LamaWeights random_lama_weights(const LamaShape& shape, std::uint32_t seed);

}  // namespace inpaintd
