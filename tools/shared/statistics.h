// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace inpaintd::tools {

/// The smallest of `values` that at least `share` (0..1) of them do not exceed; 0 without values. Exact. Reorders
/// `values`, in linear time.
template <class T>
T percentile(std::vector<T>& values, double share) {
  if (values.empty()) return T{};
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const std::size_t index = std::clamp<std::size_t>(rank, 1, values.size()) - 1;
  const auto found = values.begin() + static_cast<std::ptrdiff_t>(index);
  std::ranges::nth_element(values, found);
  return *found;
}

/// The middle of `values`, or the mean of the two middle ones; 0 without values.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

}  // namespace inpaintd::tools
