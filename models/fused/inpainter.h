// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "models/fused/runner.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"
#include "models/migan/weights.h"

namespace inpaintd {

/// Makes the engine for CUDA devices, which runs on any device: the folded network as large products in one
/// floating-point type (fp32, fp16 or bf16). 16-bit types get power-of-two scales, measured with sample pictures. A
/// picture whose prediction holds NaN or Inf is computed once more in fp32, and counted in retries(). `warn` is called
/// with the reason if a shape cannot be recorded.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, const std::string& device,
                                                                  Precision precision, int threads,
                                                                  const Runner::Warn& warn = {});

/// The same with a given runner for `device`.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, c10::Device device,
                                                                  Precision precision, int threads,
                                                                  std::unique_ptr<Runner> runner);

/// Makes the engine of MI-GAN for CUDA devices, which runs on any device: models/fused/migan_network.h in fp32, fp16 or
/// bf16. A picture whose prediction holds NaN or Inf in 16 bits is computed once more in fp32, and counted in
/// retries(). Batches are not recorded.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_migan(const MiganWeights& weights,
                                                                   const std::string& device, Precision precision,
                                                                   int threads);

/// Checks that LibTorch's operations can index a batch on CUDA devices, where convolutions with a fused ReLU take maps
/// of at most 2^31 - 1 elements. The failure's kind is out_of_memory: a smaller batch may work.
std::optional<EngineFailure> check_gpu_limits(const LamaShape& network, Size size, std::size_t count);

}  // namespace inpaintd
