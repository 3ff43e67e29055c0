// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "models/inpainter.h"

namespace inpaintd {

inline constexpr int network_side_multiple = 8;
inline constexpr int network_side_min = 16;  ///< the deepest maps are 1/8 as large, and are padded by reflection

/// Says what is wrong with a batch that no engine could run: a missing or odd-sized picture, or sizes that differ.
std::optional<EngineFailure> check_batch(std::span<const NetworkInput> batch);

/// The failure that one input's NaN or Inf means for its batch.
EngineFailure not_finite(std::size_t input);

/// `threads` as asked for, or one per core that this process may use when it is 0.
int thread_count(int threads);

}  // namespace inpaintd
