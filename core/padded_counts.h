// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace inpaintd {

/// What an engine makes of a batch of so many tiles: one that knows round counts only fills a batch up, and such a
/// batch costs what a full one costs.
struct PaddedCounts {
  std::vector<std::size_t> table;  ///< by count, from 0; beyond its end, and by default, a count stays what it is

  [[nodiscard]] std::size_t operator()(std::size_t count) const { return count < table.size() ? table[count] : count; }
};

inline const PaddedCounts exact_counts;

}  // namespace inpaintd
