// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "scheduling/device_lanes.h"
#include "scheduling/forecast.h"
#include "scheduling/latency_table.h"
#include "scheduling/task_queues.h"

namespace inpaintd {

/// Estimates from the measured times when the waiting tasks of a dispatcher will be done. Holds references to the
/// dispatcher's queues and tables. Pure: the time is an argument.
class Estimator {
 public:
  Estimator(const LatencyTable& latencies, const DeviceLanes& lanes, const TaskQueues& queues,
            std::size_t batch_size_max)
      : latencies_(latencies), lanes_(lanes), queues_(queues), batch_size_max_(batch_size_max) {}

  /// The time of one batch on the device of `lane`; 0 when it is not known.
  [[nodiscard]] Microseconds batch_time(const Lane& lane, Size size, std::size_t count) const;

  /// How long a request waits that arrives at `now`, behind all others; nothing when it is not known.
  [[nodiscard]] std::optional<Microseconds> wait_of_new_request(TimePoint now) const;

  /// The time from `now` until `job` is done, if its tasks join the queues at `now`; nothing when it is not certain.
  [[nodiscard]] std::optional<Microseconds> time_to_completion(const JobPtr& job, TimePoint now) const;

  /// The shortest time of one task of a size on any device, as a function of the size; 0 when it is not certain. The
  /// function measures each class of area once, and must not outlive a change of the queues or the lanes.
  [[nodiscard]] std::function<Microseconds(Size)> least_times(TimePoint now) const;

  /// A forecast with the running batches ahead, to which the caller adds what else is ahead.
  [[nodiscard]] Forecast behind_running(TimePoint now) const;

 private:
  /// A forecast with the running and the next batches ahead.
  [[nodiscard]] Forecast behind_given(TimePoint now) const;

  const LatencyTable& latencies_;
  const DeviceLanes& lanes_;
  const TaskQueues& queues_;
  const std::size_t batch_size_max_;
};

}  // namespace inpaintd
