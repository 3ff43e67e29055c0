// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/inpaint_load/report.h"

namespace inpaintd::tools {

/// Searches the highest rate that passes: doubles while it passes (halves while nothing has), then bisects. Pure.
class PeakSearch {
 public:
  static constexpr int trials_max = 14;      ///< what bounds the time of the search
  static constexpr double precision = 0.02;  ///< the highest that passes and the lowest that fails are this close

  /// `start`: the first rate to try, above 0.
  explicit PeakSearch(double start) : start_(start) {}

  /// The rate to try next; nothing when the search is over.
  [[nodiscard]] std::optional<double> next() const;
  void record(double rate, bool passed);

  /// The highest rate that passed; nothing when none did.
  [[nodiscard]] std::optional<double> best() const;

 private:
  const double start_;
  double passed_ = 0;  // 0: none yet
  double failed_ = 0;  // 0: none yet
  int trials_ = 0;
};

/// One rate that was tried.
struct Trial {
  double rate = 0;
  Report report;
  bool given_up = false;
};

/// Why the rate is too high for the limit `slo`, in words; nothing when it is not.
std::optional<std::string> why_failed(const Trial& trial, std::chrono::milliseconds slo);

/// One line for a terminal.
std::string describe(const Trial& trial, std::chrono::milliseconds slo);
/// The peak (null when there is none), the limit, and the trials in order.
std::string to_json(const std::vector<Trial>& trials, std::optional<double> peak, std::chrono::milliseconds slo);

}  // namespace inpaintd::tools
