// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"
#include "models/lama_weights.h"

namespace inpaintd {

/// The folded network as large products in one floating-point type ("fp32", "fp16" or "bf16") on any device: what runs
/// on CUDA devices. 16-bit types get power-of-two scales from what sample pictures do to these weights; a picture whose
/// answer holds NaN or Inf is computed once more in fp32, with counting it in retries().
Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_lama(const LamaWeights& weights, const std::string& device,
                                                                  const std::string& precision, int threads);

}  // namespace inpaintd
