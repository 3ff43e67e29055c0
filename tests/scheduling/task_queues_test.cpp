// SPDX-License-Identifier: Apache-2.0
#include "scheduling/task_queues.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace inpaintd;
using namespace std::chrono_literals;

namespace {

const TimePoint t0 = TimePoint{} + 1h;
constexpr Size small{64, 64};
constexpr Size large{128, 64};

Task task(const std::string& id, Size size = small, Priority priority = Priority::normal,
          std::chrono::milliseconds deadline = 60s, TimePoint received = t0) {
  const Tile tile{{0, 0, size.width, size.height},
                  size,
                  std::make_shared<Pixels>(size.width, size.height, 3),
                  std::make_shared<Pixels>(size.width, size.height, 1)};
  Input input;
  input.tiles = {tile, tile};
  Ticket ticket;
  ticket.id = id;
  ticket.priority = priority;
  ticket.received = received;
  ticket.deadline = t0 + deadline;
  return {std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(input)), Microseconds{}), 0};
}

std::string ids(const std::vector<Task>& tasks) {
  std::string text;
  for (const Task& each : tasks) text += each.job->ticket().id;
  return text;
}

QueueView view_of(const TaskQueues& queues, Size size, TimePoint now) {
  for (const QueueView& view : queues.views(now))
    if (view.size == size) return view;
  FAIL("no such queue");
  return {};
}

}  // namespace

TEST_CASE("tiles leave a queue by priority, then by deadline, then by arrival") {
  TaskQueues queues(10s);
  queues.arrive(task("d", small, Priority::normal, 900ms), t0);
  queues.arrive(task("c", small, Priority::normal, 900ms, t0 - 1us), t0);
  queues.arrive(task("e", small, Priority::low, 50ms), t0);
  queues.arrive(task("b", small, Priority::normal, 100ms), t0);
  queues.arrive(task("a", small, Priority::high, 999ms), t0);
  CHECK(ids(queues.take(small, 3, t0)) == "abc");
  CHECK(ids(queues.take(small, 9, t0)) == "de");
  CHECK(queues.take(small, 9, t0).empty());
}

TEST_CASE("in the turn of the aged tiles, tiles that have waited for age_max leave first, by waiting time") {
  TaskQueues queues(2s);
  queues.arrive(task("L", small, Priority::low, 60s), t0);
  queues.arrive(task("n", small, Priority::normal, 20s), t0 + 1s);
  queues.arrive(task("h", small, Priority::high, 60s), t0);
  queues.arrive(task("m", small, Priority::normal, 10s), t0 + 2s);
  const auto order = [&](bool turn, Clock::duration after) {
    queues.set_aged_turn(turn);
    const auto all = queues.take(small, 9, t0 + after);
    for (const Task& each : all) queues.put_back(each);
    return ids(all);
  };
  CHECK(order(true, 2s - 1us) == "hmnL");
  CHECK(order(true, 2s) == "Lhmn");
  CHECK(order(true, 3s) == "Lnhm");
  CHECK(order(true, 1h) == "Lnmh");
  CHECK(order(false, 1h) == "hmnL");
}

TEST_CASE("a tile that is put back keeps its waiting time") {
  TaskQueues queues(2s);
  queues.arrive(task("L", small, Priority::low), t0);
  auto taken = queues.take(small, 1, t0 + 1s);
  queues.put_back(taken.at(0));
  CHECK(view_of(queues, small, t0 + 1s).oldest == t0);
  queues.set_aged_turn(true);
  CHECK(view_of(queues, small, t0 + 2s).head == Urgency{0, t0, t0});
}

TEST_CASE("a tile that a device did not answer runs alone when it is tried again") {
  TaskQueues queues(2s);
  for (const char* id : {"a", "b", "c"}) queues.arrive(task(id), t0);
  auto tried = queues.take(small, 3, t0);
  tried[1].attempts = 1;
  for (const Task& each : tried) queues.put_back(each);
  CHECK(ids(queues.take(small, 3, t0)) == "a");
  CHECK(ids(queues.take(small, 3, t0)) == "b");
  CHECK(ids(queues.take(small, 3, t0)) == "c");
}

TEST_CASE("the time between arrivals is known for each size from the second request on") {
  TaskQueues queues(2s);
  queues.arrive(task("a"), t0);
  CHECK(!view_of(queues, small, t0).gap);
  const Task first = task("b");
  queues.arrive(first, t0 + 10ms);
  queues.arrive({first.job, 1}, t0 + 10ms);
  CHECK(view_of(queues, small, t0).gap == 10ms);
  queues.arrive(task("c", large), t0 + 11ms);
  CHECK(!view_of(queues, large, t0).gap);
  queues.arrive(task("d"), t0 + 30ms);
  CHECK(view_of(queues, small, t0).gap == 12ms);
}

TEST_CASE("a new size starts with the device time of the least served size, and an idle time resets all sizes") {
  TaskQueues queues(2s);
  queues.arrive(task("a"), t0);
  queues.charge(small, 100ms);
  CHECK(view_of(queues, small, t0).used == 100ms);
  queues.arrive(task("b", large), t0);
  CHECK(view_of(queues, large, t0).used == 100ms);
  queues.charge(large, 5ms);
  CHECK(view_of(queues, large, t0).used == 105ms);
  (void)queues.take_if([](const Task&) { return true; });
  queues.arrive(task("c"), t0);
  CHECK(view_of(queues, small, t0).used == 0ms);
}

TEST_CASE("a rare size has no claim on device time during which none of its tiles waited") {
  TaskQueues queues(2s);
  queues.arrive(task("a"), t0);
  queues.arrive(task("b", large), t0);
  (void)queues.take(large, 1, t0);
  queues.charge(large, 10ms);
  queues.charge(small, 100ms);
  queues.arrive(task("c", large), t0);
  CHECK(view_of(queues, large, t0).used == 100ms);
  queues.charge(small, 5ms);
  const Task given = queues.take(large, 1, t0).front();
  queues.charge(small, 5ms);
  queues.put_back(given);  // the tile was waiting all the time
  CHECK(view_of(queues, large, t0).used == 100ms);
}

TEST_CASE("a size whose queue becomes empty keeps its device time while another size waits") {
  TaskQueues queues(2s);
  queues.arrive(task("a"), t0);
  queues.arrive(task("b", large), t0);
  (void)queues.take(small, 1, t0);
  queues.charge(small, 100ms);
  queues.arrive(task("c"), t0);
  CHECK(view_of(queues, small, t0).used == 100ms);
  CHECK(view_of(queues, large, t0).used == 0ms);
}

TEST_CASE("the tiles that are taken are those of a sorted list, after any sequence of arrivals and removals") {
  std::uint64_t seed = 20261125;  // any generator will do
  const auto random = [&seed](int below) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return static_cast<int>((seed >> 33) % static_cast<std::uint64_t>(below));
  };
  TaskQueues queues(2s);
  std::vector<Task> all;  // the tasks that the queue must hold
  const auto order = [&](TimePoint now) {
    std::sort(all.begin(), all.end(), [&](const Task& a, const Task& b) {
      return std::pair(queues.urgency_now(a, now), a.number) < std::pair(queues.urgency_now(b, now), b.number);
    });
  };
  std::uint64_t number = 0;
  TimePoint now = t0;
  for (int step = 0; step < 3000; ++step) {
    CAPTURE(step);
    now += std::chrono::milliseconds(random(200));
    queues.set_aged_turn(random(3) == 0);
    if (random(3) > 0) {
      Task fresh = task("x", small, static_cast<Priority>(random(3)), std::chrono::milliseconds(random(20)), now);
      queues.arrive(fresh, now);
      fresh.queued = now;
      fresh.number = ++number;
      all.push_back(fresh);
    } else {
      order(now);
      const auto taken = queues.take(small, 1 + static_cast<std::size_t>(random(4)), now);
      for (std::size_t i = 0; i < taken.size(); ++i) CHECK(taken[i].number == all[i].number);
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(taken.size()));
      for (const Task& each : taken)
        if (random(2) == 0) {
          queues.put_back(each);
          all.push_back(each);
        }
    }
    if (all.empty()) continue;
    order(now);
    const QueueView view = view_of(queues, small, now);
    CHECK(view.count == all.size());
    CHECK(view.head == queues.urgency_now(all.front(), now));
    CHECK(view.deadline == all.front().job->ticket().deadline);
    const auto oldest = std::min_element(all.begin(), all.end(), [](auto& a, auto& b) { return a.queued < b.queued; });
    CHECK(view.oldest == oldest->queued);
  }
}

TEST_CASE("a line counts the tasks that are at least as urgent as another, and late tasks are taken by size") {
  TaskQueues queues(2s);
  for (const auto ms : {30ms, 10ms, 20ms}) queues.arrive(task("s", small, Priority::normal, ms), t0);
  queues.arrive(task("l", large, Priority::normal, 20ms), t0);
  const auto before = [&](std::chrono::milliseconds deadline) {
    std::vector<std::size_t> counts;
    queues.for_each_line([&](Size, Priority, const TaskLine& line) {
      counts.push_back(line.count_until(urgency(task("x", small, Priority::normal, deadline))));
    });
    return counts;
  };
  using Counts = std::vector<std::size_t>;
  CHECK(before(9ms) == Counts{0, 0});
  CHECK(before(20ms) == Counts{2, 1});
  CHECK(before(30ms) == Counts{3, 1});
  const auto late = [](Size size) { return t0 + (size == small ? 20ms : 19ms); };
  CHECK(ids(queues.take_late(late)) == "ss");
  CHECK(view_of(queues, small, t0).count == 1);
  CHECK(view_of(queues, large, t0).count == 1);
}
