// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/retry.h"

#include <algorithm>
#include <cmath>

namespace inpaintd {

std::chrono::milliseconds back_off(std::optional<std::chrono::milliseconds> retry_after, int attempt, double jitter) {
  const std::chrono::milliseconds doubled(200 * (1 << std::clamp(attempt, 0, 5)));
  const auto wait = static_cast<double>(retry_after.value_or(doubled).count());
  return std::chrono::milliseconds(std::llround(wait * (1 + jitter / 4)));
}

std::optional<std::chrono::milliseconds> retry_wait(const Error& error, int attempt, double jitter) {
  if (!info(error.code).retryable) return std::nullopt;
  return back_off(error.retry_after, attempt, jitter);
}

}  // namespace inpaintd
