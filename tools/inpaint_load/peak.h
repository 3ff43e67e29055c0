// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/inpaint_load/report.h"

namespace inpaintd::tools {

/// Searches the highest rate that passes: doubles the rate until one fails (or halves it until one passes), then
/// bisects. Sends nothing itself: the caller tries each rate and records the outcome.
class PeakSearch {
 public:
  static constexpr int trials_max = 14;      ///< bounds the time of the search
  static constexpr double precision = 0.02;  ///< the search ends when passing and failing rates are this close

  /// `start`: the first rate to try, above 0.
  explicit PeakSearch(double start) : start_(start) {}

  /// The rate to try next; nothing when the search is over.
  [[nodiscard]] std::optional<double> next() const;
  /// Notes the outcome of the trial at `rate`.
  void record(double rate, bool passed);

  /// The highest rate that passed; nothing when none did.
  [[nodiscard]] std::optional<double> best() const;

 private:
  const double start_;
  double passed_ = 0;  // 0: none yet
  double failed_ = 0;  // 0: none yet
  int trials_ = 0;
};

/// A rate that was tried, and its outcome.
struct Trial {
  double rate = 0;
  Report report;
  bool given_up = false;  ///< cut short, because requests waited for too long
};

/// Why the trial failed to keep p99 within `slo`, in words; nothing when it passed.
std::optional<std::string> why_failed(const Trial& trial, std::chrono::milliseconds slo);

/// The trial as one line for a terminal.
std::string describe(const Trial& trial, std::chrono::milliseconds slo);
/// The search as JSON: the peak (null when there is none), the limit, and the trials in order.
std::string to_json(const std::vector<Trial>& trials, std::optional<double> peak, std::chrono::milliseconds slo);

}  // namespace inpaintd::tools
