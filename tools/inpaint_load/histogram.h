// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace inpaintd::tools {

/// Counts non-negative values in buckets whose width grows with the value (as HdrHistogram does): any quantile is
/// told at most 1/128 too high, below 256 exactly, in at most 58 KiB.
class Histogram {
 public:
  void record(std::int64_t value);  ///< negative values count as 0

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  /// The smallest value that at least `quantile` (0..1) of all values do not exceed; 0 when there are none.
  [[nodiscard]] std::int64_t at(double quantile) const;

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace inpaintd::tools
