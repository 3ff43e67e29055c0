// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace inpaintd {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Microseconds = std::chrono::microseconds;

/// Measures how long work takes, by the clock of the machine. Actors use it for durations only; they decide by the
/// clock of their actor system, which tests move.
class Stopwatch {
 public:
  [[nodiscard]] Microseconds elapsed() const { return std::chrono::duration_cast<Microseconds>(Clock::now() - start_); }

 private:
  TimePoint start_ = Clock::now();
};

}  // namespace inpaintd
