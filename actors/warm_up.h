// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "actors/messages.h"
#include "models/inpainter.h"

namespace inpaintd {

struct WarmUpSettings {
  std::chrono::milliseconds budget{0};  ///< what it may take, about; 0: none
  std::size_t batch_size_max = 1;
};

/// Runs batches of 1, 2, 4, ... up to `batch_size_max` of a grey 256x256 picture with a hole, as many as fit in the
/// budget, and says how long they took: what engines do only once is done before the first request, and the batcher
/// knows from the start what a batch costs. A run that prepared something for later ones is not measured but repeated.
/// Ends early at a batch that fails. Errors: the device is lost.
Result<std::vector<Measurement>, EngineFailure> warm_up(Inpainter& engine, const WarmUpSettings& settings);

/// Runs one small picture that every engine can run, and says why it did not: then the engine is to blame.
std::optional<EngineFailure> check_engine(Inpainter& engine);

}  // namespace inpaintd
