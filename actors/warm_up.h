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
  std::chrono::milliseconds budget{0};  ///< approximate time of the warm-up; 0: no warm-up
  std::size_t batch_size_max = 1;
  std::vector<int> sides{256};  ///< the sides of the squares that are run, in this order
};

/// Runs batches of 1, 2, 4, ... up to `batch_size_max` of a grey square with a hole, for each of `sides`, as many as
/// fit in the budget, and returns their times. So the engine has prepared itself before the first request, and the
/// batcher knows from the start how long a batch takes. A run that prepared something for later runs is not measured
/// but repeated. A batch that fails ends the batches of its side. Errors: the device is lost.
Result<std::vector<Measurement>, EngineFailure> warm_up(Inpainter& engine, const WarmUpSettings& settings);

/// Runs one small picture that every engine can run. Returns the failure, if any, which is then a fault of the engine.
std::optional<EngineFailure> check_engine(Inpainter& engine);

}  // namespace inpaintd
