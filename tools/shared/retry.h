// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"

namespace inpaintd::tools {

/// The back-off after attempt number `attempt` (from 0) failed with `error`; nothing when the error is not retryable.
/// The back-off is the `retry_after` of the error; without one it doubles from 0.2 s up to 6.4 s. `jitter` (0..1) adds
/// up to a quarter, so that clients that were refused at the same time do not return at the same time.
std::optional<std::chrono::milliseconds> retry_wait(const Error& error, int attempt, double jitter);

}  // namespace inpaintd::tools
