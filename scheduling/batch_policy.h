// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scheduling/dispatcher_settings.h"
#include "scheduling/latency_table.h"
#include "scheduling/memory_caps.h"
#include "scheduling/task_queues.h"

namespace inpaintd {

/// The device that a batch is chosen for, and its measurements.
struct DeviceView {
  const std::string& name;
  const LatencyTable& latencies;
  const MemoryCaps& caps;
  TimePoint starts{};            ///< when the device could begin
  std::size_t devices_idle = 1;  ///< the number of idle devices, including this one; 0 when this one is busy
};

/// The size whose batch leaves now, if any; otherwise the time at which to decide again, if any.
struct Decision {
  std::optional<Size> leave;
  std::size_t count = 0;
  bool full = false;  ///< more tiles would not make the batch better
  std::optional<TimePoint> look_again;

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// The number of tiles of the best batch of this size on this device, if the queue held enough tiles: the smallest of
/// the counts with nearly the highest throughput, such that the batch meets the deadline of the queue's head and
/// `latency_target`. A count that was not measured recently is tried if the queue holds that many tiles. At least 1.
std::size_t best_count(const QueueView& queue, const DeviceView& device, const BatchSettings& settings);

/// Chooses the batch of a device. Pure.
///
/// A queue may leave when it holds a best batch, when its oldest tile has waited `wait_max`, or when waiting cannot
/// pay: one more tile in the batch saves device time, which must exceed the time until that tile is likely to arrive.
/// Of the queues that may leave, the one with the most urgent head leaves, unless its size has used more device time
/// than its share and another size of the same priority waits. Idle devices share the waiting tiles evenly.
Decision choose_batch(const std::vector<QueueView>& queues, const DeviceView& device, const BatchSettings& settings,
                      TimePoint now);

}  // namespace inpaintd
