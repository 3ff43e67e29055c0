// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "core/request.h"

namespace inpaintd::tools {

/// When requests are due, counted from the start: evenly, or as a Poisson process. The same seed gives the same times.
class Arrivals {
 public:
  /// `rate` per second, above 0.
  Arrivals(double rate, bool poisson, std::uint64_t seed) : rate_(rate), poisson_(poisson), random_(seed) {}

  /// Never earlier than the one before. The first is due at 0.
  std::chrono::nanoseconds next();

 private:
  const double rate_;
  const bool poisson_;
  std::mt19937_64 random_;
  std::uint64_t count_ = 0;
  double seconds_ = 0;
};

/// Which share of the requests has which priority.
struct PriorityMix {
  std::vector<double> weights{0, 1, 0};  ///< high, normal, low

  [[nodiscard]] Priority pick(std::mt19937_64& random) const;
};

/// Reads "low", or "high=1,normal=8,low=1"; nothing when it is neither.
std::optional<PriorityMix> parse_priorities(std::string_view text);

}  // namespace inpaintd::tools
