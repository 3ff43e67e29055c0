// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/csrc/jit/api/module.h>

#include "models/lama/weights.h"

namespace inpaintd {

/// The network of `weights` as a TorchScript module on the CPU, operation by operation as PyTorch's own modules would
/// run it: separate convolution, BatchNorm, ReLU and reflection padding. May throw.
torch::jit::Module make_script_module(const LamaWeights& weights);

}  // namespace inpaintd
