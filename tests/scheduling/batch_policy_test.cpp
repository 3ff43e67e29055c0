// SPDX-License-Identifier: Apache-2.0
#include "scheduling/batch_policy.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace std::chrono_literals;

namespace {

const TimePoint t0 = TimePoint{} + 1h;
constexpr Size small{256, 256};
constexpr Size large{512, 512};
const std::string gpu = "cuda:0";

QueueView queue(Size size, std::size_t count, TimePoint oldest, Priority priority = Priority::normal,
                std::chrono::milliseconds deadline = 1000ms) {
  return {size, count, oldest, {1 + static_cast<int>(priority), t0 + deadline, oldest}, t0 + deadline};
}

QueueView with_gap(QueueView view, Microseconds gap) {
  view.gap = gap;
  return view;
}

QueueView with_used(QueueView view, Microseconds used) {
  view.used = used;
  return view;
}

// Times of batches of 1, 2, 4 and 8 tiles of the small size.
LatencyTable measured(Microseconds one, Microseconds two, Microseconds four, Microseconds eight) {
  LatencyTable table;
  table.record(gpu, small, 1, one);
  table.record(gpu, small, 2, two);
  table.record(gpu, small, 4, four);
  table.record(gpu, small, 8, eight);
  return table;
}

const LatencyTable nothing_measured;
const LatencyTable batches_pay = measured(10ms, 12ms, 16ms, 24ms);
const LatencyTable batches_do_not_pay = measured(100ms, 199ms, 396ms, 796ms);
const MemoryCaps no_caps;

DeviceView device(const LatencyTable& latencies, const MemoryCaps& caps = no_caps, std::size_t idle = 1) {
  return {gpu, latencies, caps, t0, idle};
}

}  // namespace

TEST_CASE("fixed batches leave when they are full or when the oldest tile has waited wait_max") {
  struct Row {
    const char* what;
    std::vector<QueueView> queues;
    TimePoint now;
    Decision expected;
  };
  const Row rows[] = {
      {"nothing waits: nothing to do, ever", {}, t0, {std::nullopt, 0, false, std::nullopt}},
      {"one short of full and just short of wait_max: look again when it is due",
       {queue(small, 3, t0)},
       t0 + 5ms - 1us,
       {std::nullopt, 0, false, t0 + 5ms}},
      {"a partial batch leaves when its oldest tile has waited wait_max",
       {queue(small, 3, t0)},
       t0 + 5ms,
       {small, 3, false, std::nullopt}},
      {"a full batch leaves at once", {queue(small, 4, t0)}, t0, {small, 4, true, std::nullopt}},
      {"more than a full batch leaves as a full one", {queue(small, 9, t0)}, t0, {small, 4, true, std::nullopt}},
      {"sizes never mix: two queues with five tiles in all hold no full batch",
       {queue(small, 3, t0 + 1ms), queue(large, 2, t0)},
       t0 + 2ms,
       {std::nullopt, 0, false, t0 + 5ms}},
      {"the one that may leave leaves, even if another is more urgent",
       {queue(small, 4, t0), queue(large, 1, t0, Priority::high)},
       t0,
       {small, 4, true, std::nullopt}},
      {"of two that may leave, priority goes first",
       {queue(small, 4, t0, Priority::normal, 10ms), queue(large, 4, t0, Priority::high, 900ms)},
       t0,
       {large, 4, true, std::nullopt}},
      {"then the earlier deadline",
       {queue(small, 4, t0, Priority::low, 900ms), queue(large, 4, t0, Priority::low, 10ms)},
       t0,
       {large, 4, true, std::nullopt}},
      {"then who came first",
       {queue(small, 4, t0, Priority::low, 10ms), queue(large, 4, t0 - 1us, Priority::low, 10ms)},
       t0,
       {large, 4, true, std::nullopt}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(choose_batch(row.queues, device(nothing_measured), {4, 5ms, false}, row.now) == row.expected);
  }
}

TEST_CASE("the best count has the highest throughput that deadline, target and memory allow") {
  MemoryCaps two_fit;
  two_fit.out_of_memory(gpu, small, 4);
  struct Row {
    const char* what;
    const LatencyTable* latencies;
    const MemoryCaps* caps;
    std::chrono::milliseconds deadline;
    std::chrono::milliseconds target;
    std::size_t expected;
  };
  const Row rows[] = {
      {"before anything was measured, the largest", &nothing_measured, &no_caps, 1000ms, 0ms, 8},
      {"where batches pay, the largest", &batches_pay, &no_caps, 1000ms, 0ms, 8},
      {"where they do not, one: three per cent more are no gain", &batches_do_not_pay, &no_caps, 10'000ms, 0ms, 1},
      {"the head's deadline holds: 24 ms are just in time", &batches_pay, &no_caps, 24ms, 0ms, 8},
      {"and 23 are not: the next smaller", &batches_pay, &no_caps, 23ms, 0ms, 4},
      {"a head that is late in any case does not keep the others from their device", &batches_pay, &no_caps, 1ms, 0ms,
       1},
      {"a target of 16 ms allows four", &batches_pay, &no_caps, 1000ms, 16ms, 4},
      {"one below it two", &batches_pay, &no_caps, 1000ms, 15ms, 2},
      {"a target that nothing reaches: one", &batches_pay, &no_caps, 1000ms, 1ms, 1},
      {"what does not fit in memory is not tried", &batches_pay, &two_fit, 1000ms, 0ms, 2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const BatchSettings settings{8, 5ms, true, row.target};
    const auto view = queue(small, 100, t0, Priority::normal, row.deadline);
    CHECK(best_count(view, device(*row.latencies, *row.caps), settings) == row.expected);
  }
}

TEST_CASE("fixed batches ignore measured times, but not memory caps") {
  MemoryCaps two_fit;
  two_fit.out_of_memory(gpu, small, 4);
  const auto view = queue(small, 100, t0);
  CHECK(best_count(view, device(batches_do_not_pay), {8, 5ms, false}) == 8);
  CHECK(best_count(view, device(batches_do_not_pay, two_fit), {8, 5ms, false}) == 2);
}

TEST_CASE("a count that was not measured is tried when the queue holds that many tiles") {
  LatencyTable table;
  table.record(gpu, small, 1, 10ms);
  const BatchSettings settings{8, 5ms};
  CHECK(best_count(queue(small, 1, t0), device(table), settings) == 1);
  CHECK(best_count(queue(small, 2, t0), device(table), settings) == 2);
  table.record(gpu, small, 2, 20ms);
  CHECK(best_count(queue(small, 3, t0), device(table), settings) == 1);
  CHECK(best_count(queue(small, 4, t0), device(table), settings) == 4);
}

TEST_CASE(
    "a queue waits only while one more tile would save more time than the time until that tile is likely to arrive") {
  // A tile alone takes 10 ms, three take 14 ms and four 16 ms, so one more tile in a batch of three saves 8 ms.
  const BatchSettings settings{8, 5ms};
  const auto now = t0 + 1ms;
  const auto decide = [&](const QueueView& view) { return choose_batch({view}, device(batches_pay), settings, now); };
  const auto view = queue(small, 3, t0);
  CHECK(decide(with_gap(view, 7999us)) == Decision{std::nullopt, 0, false, t0 + 5ms});
  CHECK(decide(with_gap(view, 8ms)) == Decision{small, 3, false, std::nullopt});
  CHECK(decide(view) == Decision{small, 3, false, std::nullopt});  // no second tile ever arrived
}

TEST_CASE("where larger batches do not raise the throughput, a single tile leaves at once, at every rate of arrivals") {
  const auto view = with_gap(queue(small, 1, t0), 1us);
  CHECK(choose_batch({view}, device(batches_do_not_pay), {8, 5ms}, t0) == Decision{small, 1, true, std::nullopt});
}

TEST_CASE("a queue does not wait longer than the deadline of its head allows") {
  const BatchSettings settings{8, 50ms};
  auto view = with_gap(queue(small, 3, t0, Priority::normal, 30ms), 1ms);  // three take 14 ms
  CHECK(choose_batch({view}, device(batches_pay), settings, t0 + 1ms) == Decision{std::nullopt, 0, false, t0 + 16ms});
  const DeviceView later{gpu, batches_pay, no_caps, t0 + 16ms, 1};
  CHECK(choose_batch({view}, later, settings, t0 + 16ms).leave == small);
}

TEST_CASE("a size that had four batches more than another size yields to it within the same priority") {
  const BatchSettings settings{8, 0ms};  // a full batch takes 24 ms
  const auto flood = [](Microseconds used) { return with_used(queue(small, 100, t0, Priority::normal, 500ms), used); };
  const auto other = with_used(queue(large, 1, t0, Priority::normal, 900ms), 10ms);
  const auto chosen = [&](const QueueView& first, const QueueView& second) {
    return *choose_batch({first, second}, device(batches_pay), settings, t0).leave;
  };
  CHECK(chosen(flood(106ms), other) == small);
  CHECK(chosen(flood(106ms + 1us), other) == large);
  auto low = other;
  low.head.rank = 3;
  CHECK(chosen(flood(1h), low) == small);
}

TEST_CASE("idle devices share the waiting tiles, but fixed batches are not divided") {
  const auto view = queue(small, 6, t0 - 1s);
  const BatchSettings settings{8, 5ms};
  CHECK(choose_batch({view}, device(batches_pay, no_caps, 1), settings, t0).count == 6);
  CHECK(choose_batch({view}, device(batches_pay, no_caps, 2), settings, t0).count == 3);
  CHECK(choose_batch({view}, device(batches_pay, no_caps, 4), settings, t0).count == 2);
  CHECK(choose_batch({view}, device(batches_pay, no_caps, 0), settings, t0).count == 6);
  CHECK(choose_batch({view}, device(batches_pay, no_caps, 4), {8, 5ms, false}, t0).count == 6);
}
