// SPDX-License-Identifier: Apache-2.0
#include "actors/batch_policy.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace std::chrono_literals;

namespace {

const TimePoint t0 = TimePoint{} + 1h;
const BatchSettings settings{4, 5ms};
constexpr Size small{256, 256};
constexpr Size large{512, 512};

QueueView queue(Size size, std::size_t count, TimePoint oldest, Priority priority = Priority::normal,
                std::chrono::milliseconds deadline = 1000ms) {
  return {size, count, oldest, priority, t0 + deadline};
}

}  // namespace

TEST_CASE("what leaves, when, and when to look again") {
  struct Row {
    const char* what;
    std::vector<QueueView> queues;
    TimePoint now;
    Decision expected;
  };
  const Row rows[] = {
      {"nothing waits: nothing to do, ever", {}, t0, {std::nullopt, 0, std::nullopt}},
      {"one short of full and just short of wait_max: look again when it is due",
       {queue(small, 3, t0)},
       t0 + 5ms - 1us,
       {std::nullopt, 0, t0 + 5ms}},
      {"a partial batch leaves when its oldest tile has waited wait_max",
       {queue(small, 3, t0)},
       t0 + 5ms,
       {small, 3, std::nullopt}},
      {"a full batch leaves at once", {queue(small, 4, t0)}, t0, {small, 4, std::nullopt}},
      {"more than a full batch leaves as a full one", {queue(small, 9, t0)}, t0, {small, 4, std::nullopt}},
      {"sizes never mix: two queues with five tiles in all hold no full batch",
       {queue(small, 3, t0 + 1ms), queue(large, 2, t0)},
       t0 + 2ms,
       {std::nullopt, 0, t0 + 5ms}},
      {"the one that may leave leaves, even if another is more urgent",
       {queue(small, 4, t0), queue(large, 1, t0, Priority::high)},
       t0,
       {small, 4, std::nullopt}},
      {"of two that may leave, priority goes first",
       {queue(small, 4, t0, Priority::normal, 10ms), queue(large, 4, t0, Priority::high, 900ms)},
       t0,
       {large, 4, std::nullopt}},
      {"then the earlier deadline",
       {queue(small, 4, t0, Priority::low, 900ms), queue(large, 4, t0, Priority::low, 10ms)},
       t0,
       {large, 4, std::nullopt}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(choose_batch(row.queues, settings, row.now) == row.expected);
  }
}
