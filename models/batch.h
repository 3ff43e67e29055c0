// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "models/inpainter.h"

namespace inpaintd {

inline constexpr int network_side_multiple = 8;
inline constexpr int network_side_min = 16;  ///< the deepest maps are 1/8 as large, and are padded by reflection

/// Checks the inputs of a batch: every picture is present and of a possible size, and all sizes are equal. Returns the
/// failure (kind failed) for a batch that no engine can run.
std::optional<EngineFailure> check_batch(std::span<const NetworkInput> batch);

/// The failure of a batch in which the prediction of input `input` holds NaN or Inf.
EngineFailure not_finite(std::size_t input);

/// `threads`, or for 0 the number of cores that this process may use.
int thread_count(int threads);

}  // namespace inpaintd
