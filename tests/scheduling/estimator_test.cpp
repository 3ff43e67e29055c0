// SPDX-License-Identifier: Apache-2.0
#include "scheduling/estimator.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "tests/scheduling/job.h"

namespace inpaintd {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{1h};
constexpr Size small{256, 256};
constexpr Size large{512, 512};

JobPtr job(Priority priority, std::chrono::milliseconds timeout = 60s, Size size = small, std::size_t tiles = 1) {
  return test::make_job(now, {priority, timeout, size, tiles});
}

Batch batch(std::size_t count) {
  return std::make_shared<const std::vector<Task>>(std::vector<Task>(count, Task{job(Priority::normal)}));
}

/// One device that takes 10 ms for one small tile and 16 ms for four. Its batch ends in 7 ms, and the next one has two
/// tiles.
struct BusyDevice {
  BusyDevice() {
    for (int i = 0; i < 2; ++i) {
      latencies.record("cuda:0", small, 1, 10ms);
      latencies.record("cuda:0", small, 4, 16ms);
    }
    Lane& busy = lane();
    DeviceLanes::give(busy, batch(1), true, false, now);
    REQUIRE(busy.slot->take());
    lanes.took_next(busy, now);
    busy.expected = 7ms;
    DeviceLanes::give(busy, batch(2), false, false, now);
  }
  Lane& lane() { return *lanes.find(id); }

  LatencyTable latencies;
  DeviceLanes lanes{30s};
  LaneId id = lanes.add("cuda:0", std::make_shared<NextBatch>());
  TaskQueues queues{2s};
  Estimator estimator{latencies, lanes, queues, 4};
};

}  // namespace

TEST_CASE("a new request waits for the running batch, the next batch and every queued tile") {
  BusyDevice device;
  CHECK(device.estimator.behind_running(now).until_free() == 7ms);
  CHECK(device.estimator.wait_of_new_request(now) == 15ms);
  device.queues.arrive({job(Priority::low), 0}, now);
  device.queues.arrive({job(Priority::high), 0}, now);
  CHECK(device.estimator.wait_of_new_request(now) == 23ms);
  CHECK(device.estimator.wait_of_new_request(now + 3ms) == 20ms);
}

TEST_CASE("the time to completion counts the queued tiles that are at least as urgent as the job") {
  BusyDevice device;
  CHECK(device.estimator.time_to_completion(job(Priority::normal, 60s), now) == 25ms);
  device.queues.arrive({job(Priority::high, 90s), 0}, now);    // a higher priority is ahead with any deadline
  device.queues.arrive({job(Priority::normal, 30s), 0}, now);  // an earlier deadline is ahead
  device.queues.arrive({job(Priority::normal, 90s), 0}, now);
  device.queues.arrive({job(Priority::low, 30s), 0}, now);
  CHECK(device.estimator.time_to_completion(job(Priority::normal, 60s), now) == 33ms);
  CHECK(device.estimator.time_to_completion(job(Priority::normal, 60s, small, 3), now) == 41ms);
}

TEST_CASE("the time to completion and the least time of a size without own measurements are not certain") {
  BusyDevice device;
  CHECK(!device.estimator.time_to_completion(job(Priority::normal, 60s, large), now));
  const auto least = device.estimator.least_times(now);
  CHECK(least(large) == 0ms);
  CHECK(least(small) == 10ms);
}

TEST_CASE("the time of one batch is 0 until its device is measured") {
  BusyDevice device;
  CHECK(device.estimator.batch_time(device.lane(), small, 4) == 16ms);
  const LatencyTable empty;
  CHECK(Estimator(empty, device.lanes, device.queues, 4).batch_time(device.lane(), small, 4) == 0ms);
}

}  // namespace inpaintd
