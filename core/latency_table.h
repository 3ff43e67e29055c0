// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "core/job.h"
#include "core/pixels.h"

namespace inpaintd {

/// How long batches took, per device, network size and count: exponentially decayed means of what was measured.
class LatencyTable {
 public:
  void record(const std::string& device, Size size, std::size_t count, Microseconds elapsed);

  /// Expected time of a batch of `count` tiles of `size` on `device`. Where that was never measured, scaled by pixels
  /// from the nearest that was, on any device if need be; nothing before the first measurement.
  [[nodiscard]] std::optional<Microseconds> estimate(const std::string& device, Size size, std::size_t count) const;

 private:
  using Key = std::tuple<std::string, Size, std::size_t>;
  std::map<Key, double> mean_us_;
};

}  // namespace inpaintd
