// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/job.h"

namespace inpaintd {

/// One tile of a job: the unit that is queued and batched.
struct Task {
  JobPtr job;
  std::size_t tile = 0;
  int attempts = 0;          ///< how often a device took the task and failed
  int losses = 0;            ///< how often a device took the task and was lost
  TimePoint queued{};        ///< when the task joined its queue
  std::uint64_t number = 0;  ///< in order of arrival

  [[nodiscard]] const Tile& input() const { return job->input().tiles[tile]; }
  /// Whether the task may have made a device fail.
  [[nodiscard]] bool suspect() const { return attempts + losses > 0; }
};

/// 1..n tasks of one network size, for one device.
using Batch = std::shared_ptr<const std::vector<Task>>;

}  // namespace inpaintd
