// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/retry.h"

#include <algorithm>
#include <cmath>

namespace inpaintd::tools {

std::optional<std::chrono::milliseconds> retry_wait(const Error& error, int attempt, double jitter) {
  if (!info(error.code).retryable) return std::nullopt;
  const std::chrono::milliseconds doubled(200 * (1 << std::clamp(attempt, 0, 5)));
  const auto wait = static_cast<double>(error.retry_after.value_or(doubled).count());
  return std::chrono::milliseconds(std::llround(wait * (1 + jitter / 4)));
}

}  // namespace inpaintd::tools
