// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>

#include "core/network_input.h"
#include "models/fused/runner.h"
#include "models/inpainter.h"
#include "models/torch/failure.h"

namespace inpaintd {

/// The parts in which engines built on ATen differ.
struct TorchEngine {
  std::string kind;     ///< "native" or "script"
  std::string model;    ///< short name
  std::string details;  ///< for describe(): shape and origin of the weights
  c10::Device device{c10::kCPU};
  int threads = 1;
  int side_multiple = network_side_multiple;  ///< of the sides of inputs
  std::string precision = "fp32";
  std::string way = "reference";
  /// The runner of `device`, in whose prepare() the tensors of `forward` were made.
  std::shared_ptr<Runner> runner;
  /// image [N,3,H,W] in 0..1 and mask [N,1,H,W] in {0,1}, fp32 on `device` -> prediction [N,3,H,W]. May throw.
  using Forward = std::function<at::Tensor(const at::Tensor& image, const at::Tensor& mask)>;
  Forward forward;
  Forward exact;  ///< the same in fp32, for pictures whose prediction is not finite; empty if `forward` is in fp32
};

/// Makes an engine from `forward`: adds batches, conversions, threads and the handling of failures. A picture whose
/// prediction holds NaN or Inf is computed once more by `exact`, and counted in retries().
std::unique_ptr<Inpainter> make_torch_inpainter(TorchEngine engine);

/// The device named "cpu" or "cuda:N". The error for an unavailable device lists the available ones.
Result<c10::Device, EngineFailure> find_device(const std::string& name);

}  // namespace inpaintd
