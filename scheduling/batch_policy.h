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

/// The device that asks, and what was measured of it.
struct DeviceView {
  const std::string& name;
  const LatencyTable& latencies;
  const MemoryCaps& caps;
  TimePoint starts{};            ///< when it could begin
  std::size_t devices_idle = 1;  ///< that have nothing to do now, this one included; 0 when it is busy itself
};

/// Which queue may leave now, if any; else when to look again, if ever.
struct Decision {
  std::optional<Size> leave;
  std::size_t count = 0;
  bool full = false;  ///< more tiles would not make a better batch
  std::optional<TimePoint> look_again;

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// How many tiles of this queue make the best batch on this device, were there enough: the count with the highest
/// throughput, the smallest of those that are equally good, such that the head's deadline holds and `latency_target`.
/// Counts that were not measured of late are tried when there are tiles for it. Always at least 1.
std::size_t best_count(const QueueView& queue, const DeviceView& device, const BatchSettings& settings);

/// Decides what a device gets. Pure.
///
/// A queue may leave when it holds a best batch, when its oldest tile has waited `wait_max`, or when waiting cannot
/// pay: company saves device time, and that must be more than the time until it is likely to come. Of those that may
/// leave, the one with the most urgent head does, unless its size has had more than its share of the devices lately and
/// another waits in the same class of priority. Idle devices share what there is. Where the engine would fill a batch
/// up, a smaller one leaves if that does more tiles in the time.
Decision choose_batch(const std::vector<QueueView>& queues, const DeviceView& device, const BatchSettings& settings,
                      TimePoint now);

}  // namespace inpaintd
