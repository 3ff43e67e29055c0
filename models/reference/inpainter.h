// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"
#include "models/lama/weights.h"
#include "models/migan/weights.h"

namespace inpaintd {

/// Makes an engine that runs the unfolded fp32 network in ATen on any device: the most accurate way, and not a fast
/// one. `threads` as in EngineOptions.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_aten_lama(const LamaWeights& weights, const std::string& device,
                                                                 int threads);
/// The same for MI-GAN.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_aten_migan(const MiganWeights& weights,
                                                                  const std::string& device, int threads);

/// The text of the weights for Inpainter::describe(): "LaMa 64 channels, 18 blocks (128 local + 384 global), from
/// FILE".
std::string describe_weights(const LamaWeights& weights);

}  // namespace inpaintd
