// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"

namespace inpaintd::tools {

/// How long to wait before the try after `attempt` (counted from 0) failed with `error`; nothing when another try would
/// fail alike. The service's `retry_after` is honoured; without one the wait doubles from 0.2 s up to 6.4 s. `jitter`
/// (0..1) stretches the wait by up to a quarter, so that clients that were refused together do not return together.
std::optional<std::chrono::milliseconds> retry_wait(const Error& error, int attempt, double jitter);

}  // namespace inpaintd::tools
