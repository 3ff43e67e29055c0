// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"

namespace inpaintd {

/// The back-off after attempt number `attempt` (from 0): `retry_after`, or without it a time that doubles from 0.2 s up
/// to 6.4 s. `jitter` (0..1) adds up to a quarter, so that clients that were refused at the same time do not return at
/// the same time.
std::chrono::milliseconds back_off(std::optional<std::chrono::milliseconds> retry_after, int attempt, double jitter);

/// The back-off after attempt number `attempt` failed with `error`; nothing when the error is not retryable.
std::optional<std::chrono::milliseconds> retry_wait(const Error& error, int attempt, double jitter);

}  // namespace inpaintd
