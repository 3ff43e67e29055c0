// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"
#include "models/lama/weights.h"

namespace inpaintd {

/// The unfolded fp32 network in ATen, on any device: exact, not fast. `threads` as in EngineOptions.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_aten_lama(LamaWeights weights, const std::string& device,
                                                                 int threads);

/// "LaMa 64 channels, 18 blocks (128 local + 384 global), from FILE": for describe().
std::string describe_weights(const LamaWeights& weights);

}  // namespace inpaintd
