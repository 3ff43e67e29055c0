// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "models/fused/runner.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"

namespace inpaintd {

/// The folded network as large products in one floating-point type (fp32, fp16 or bf16) on any device: what runs
/// on CUDA devices. 16-bit types get power-of-two scales from what sample pictures do to these weights; a picture whose
/// answer holds NaN or Inf is computed once more in fp32, with counting it in retries(). `warn` hears why something is
/// not recorded.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, const std::string& device,
                                                                  Precision precision, int threads,
                                                                  const Runner::Warn& warn = {});

/// The same, with a runner that the caller has made for `device`.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, c10::Device device,
                                                                  Precision precision, int threads,
                                                                  std::unique_ptr<Runner> runner);

/// Why a batch is more than LibTorch's operations can index on CUDA devices, where convolutions with a fused ReLU take
/// maps of at most 2^31 - 1 elements. The kind is out_of_memory: a smaller batch may work.
std::optional<EngineFailure> check_gpu_limits(const LamaShape& network, Size size, std::size_t count);

}  // namespace inpaintd
