// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/network_input.h"
#include "models/inpainter.h"

namespace inpaintd {

/// Checks the inputs of a batch: every picture is present and of a possible size, and all sizes are equal. Returns the
/// failure (kind failed) for a batch that no engine can run.
std::optional<EngineFailure> check_batch(std::span<const NetworkInput> batch,
                                         int side_multiple = network_side_multiple);

/// The failure for the exception that is being handled, unless it is one of LibTorch (models/torch/failure.h). Called
/// in a catch block.
EngineFailure standard_failure() noexcept;

/// The failure of an engine that returned `answers` predictions for `inputs` inputs.
EngineFailure wrong_count(std::size_t answers, std::size_t inputs);

/// The failure of a batch in which the prediction of input `input` holds NaN or Inf.
EngineFailure not_finite(std::size_t input);

/// `threads`, or usable_cores() for 0.
int thread_count(int threads);

}  // namespace inpaintd
