// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "models/inpainter.h"

namespace inpaintd {

/// A dense fp32 tensor in row-major order.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// The numbers that define a LaMa generator; big-lama is {64, 18, 128, 384}.
struct LamaShape {
  int ngf = 64;      ///< channels after the first convolution; doubled by each of the three down-samplings
  int blocks = 18;   ///< FFC residual blocks, two FFC layers each
  int local = 128;   ///< channels of the local branch in the blocks
  int global = 384;  ///< channels of the global (spectral) branch; local + global = 8 ngf

  friend bool operator==(const LamaShape&, const LamaShape&) = default;
};

/// A generator's tensors as they were trained, nothing folded. Names are canonical: what follows the generator's
/// `model.`, such as "5.conv1.ffc.convg2g.fu.conv_layer.weight" or "24.bias".
struct LamaWeights {
  LamaShape shape;
  std::map<std::string, Tensor> tensors;
  std::string model;   ///< short name: the file's stem, or "default"
  std::string origin;  ///< where they came from, for messages
};

/// Reads weights from a TorchScript file, a state dict saved by torch.save, or a safetensors file (F32, F16 or BF16);
/// an empty path means the embedded default. Names are matched by suffix, so that any prefix will do; every tensor of
/// the structure must be found exactly once with its shape. Errors name the file and the tensor.
Result<LamaWeights, EngineFailure> load_lama_weights(const std::string& path);

/// A network of the given shape with reproducible random weights, scaled so that activations neither die nor saturate:
/// for tests and benchmarks of networks whose files cannot be had.
LamaWeights random_lama_weights(const LamaShape& shape, std::uint32_t seed);

/// make_inpainter for weights that are loaded already; `options.file` is ignored.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_inpainter(const EngineOptions& options, LamaWeights weights,
                                                                 const EngineWarning& warn = {});

}  // namespace inpaintd
