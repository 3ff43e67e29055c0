// SPDX-License-Identifier: Apache-2.0
#include "scheduling/device_lanes.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/scheduling/job.h"

namespace inpaintd {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};
constexpr Size small{64, 64};

JobPtr job(Priority priority = Priority::normal, Size size = small) {
  return test::make_job(start, {.priority = priority, .size = size});
}

Batch batch(Priority priority = Priority::normal) {
  return std::make_shared<const std::vector<Task>>(std::vector<Task>{Task{job(priority)}});
}

struct Lanes : DeviceLanes {
  explicit Lanes(Microseconds watchdog = 30s) : DeviceLanes(watchdog) {}

  Lane& lane(const std::string& device = "cpu") { return *find(add(device, std::make_shared<NextBatch>())); }

  /// A lane that has run `work` since `begin`, expected to take `time`.
  Lane& working(const std::string& device, TimePoint begin, Microseconds time, Batch work = batch()) {
    Lane& made = lane(device);
    give(made, std::move(work), true, false, begin);
    REQUIRE(made.slot->take());
    took_next(made, begin);
    made.expected = time;
    return made;
  }
};

/// The ids of some lanes.
std::vector<LaneId> ids(const std::vector<Lane*>& lanes) {
  std::vector<LaneId> ids;
  for (const Lane* lane : lanes) ids.push_back(lane->id);
  return ids;
}

}  // namespace

TEST_CASE("an idle replica is told of its batch, and a busy one finds its batch by itself") {
  Lanes lanes;
  Lane& lane = lanes.lane();
  CHECK(lane.idle());
  CHECK(DeviceLanes::give(lane, batch(), true, false, start));
  CHECK_FALSE(lane.free());
  REQUIRE(lane.slot->take());
  lanes.took_next(lane, start);
  CHECK(lane.free());
  CHECK_FALSE(lane.idle());
  CHECK_FALSE(DeviceLanes::give(lane, batch(), true, false, start));
  CHECK_FALSE(lane.free());
}

TEST_CASE("a next batch can be recalled until the replica takes it") {
  Lanes lanes;
  Lane& lane = lanes.lane();
  CHECK(DeviceLanes::recall(lane) == nullptr);
  const Batch given = batch();
  DeviceLanes::give(lane, given, true, false, start);
  CHECK(DeviceLanes::recall(lane) == given);
  CHECK(lane.idle());
  DeviceLanes::give(lane, given, true, false, start);
  REQUIRE(lane.slot->take());
  CHECK(DeviceLanes::recall(lane) == nullptr);
  CHECK(lane.next == given);
}

TEST_CASE("a replica is overdue after ten times the expected time, and the watchdog's time in any case") {
  struct Row {
    Microseconds watchdog, expected;
    std::chrono::milliseconds overdue;
  };
  for (const auto& [watchdog, expected, overdue] : {
           Row{1s, 50ms, 1s},   // ten times 50 ms is less than the watchdog's time
           Row{1s, 200ms, 2s},  // ten times 200 ms is more
           Row{1s, 0ms, 10s},   // nothing is expected: ten times the watchdog's time
       }) {
    Lanes lanes(watchdog);
    CHECK(lanes.next_overdue() == TimePoint::max());
    const Lane& lane = lanes.working("cpu", start, expected);
    CHECK(lanes.next_overdue() == start + overdue);
    CHECK(lanes.overdue(start + overdue - 1ms).empty());
    CHECK(ids(lanes.overdue(start + overdue)) == std::vector{lane.id});
  }
}

TEST_CASE("an idle replica is never overdue, and a replica that hangs is reported once") {
  Lanes lanes(1s);
  lanes.lane();
  CHECK(lanes.overdue(start + 1h).empty());
  Lane& hanging = lanes.working("cpu", start, 10ms);
  CHECK(lanes.overdue(start + 1s).size() == 1);
  hanging.hung = true;
  CHECK(lanes.overdue(start + 1h).empty());
  CHECK_FALSE(hanging.free());
  CHECK(DeviceLanes::came_back(hanging));
  CHECK(hanging.idle());
  CHECK_FALSE(DeviceLanes::came_back(hanging));
}

TEST_CASE("a replica that took a batch after it was declared hung is busy with an empty batch until it comes back") {
  Lanes lanes(1s);
  Lane& lane = lanes.lane();
  lanes.took_next(lane, start);
  REQUIRE(lane.running);
  CHECK(lane.running->empty());
  CHECK(lane.busy());
}

TEST_CASE("idle replicas of the least busy device are served first, then the busy one that ends first") {
  Lanes lanes;
  const Lane& late = lanes.working("cuda:0", start, 80ms);
  const Lane& soon = lanes.working("cuda:1", start, 20ms);
  const Lane& shares = lanes.lane("cuda:0");
  const Lane& alone = lanes.lane("cuda:2");
  std::vector<LaneId> order;
  for (std::vector<Lane*> free = lanes.free_lanes(); !free.empty();) {
    Lane* first = lanes.first_to_serve(free);
    order.push_back(first->id);
    std::erase(free, first);
  }
  CHECK(order == std::vector{alone.id, shares.id, soon.id, late.id});
}

TEST_CASE("the peers of an idle lane are the idle lanes whose devices are as busy") {
  Lanes lanes;
  lanes.working("cuda:0", start, 80ms);
  const Lane& shares = lanes.lane("cuda:0");
  const Lane& alone = lanes.lane("cuda:1");
  const Lane& other = lanes.lane("cuda:2");
  CHECK(ids(lanes.peers(alone, lanes.free_lanes())) == std::vector{alone.id, other.id});
  CHECK(ids(lanes.peers(shares, lanes.free_lanes())) == std::vector{shares.id});
}

TEST_CASE("all replicas of a lost device are lost, including later ones, and the loss is returned once") {
  Lanes lanes;
  const Lane& first = lanes.lane("cuda:0");
  const Lane& second = lanes.lane("cuda:0");
  const Lane& other = lanes.lane("cuda:1");
  CHECK(ids(lanes.mark_lost("cuda:0")) == std::vector{first.id, second.id});
  CHECK(lanes.mark_lost("cuda:0").empty());
  CHECK(lanes.lane("cuda:0").lost);
  CHECK(ids(lanes.free_lanes()) == std::vector{other.id});
  CHECK(lanes.idle_count() == 1);
}

TEST_CASE("a lane that is removed is returned as it was, and its number is not used again") {
  Lanes lanes;
  const LaneId id = lanes.working("cpu", start, 20ms).id;
  const auto removed = lanes.remove(id);
  REQUIRE(removed);
  CHECK(removed->running);
  CHECK_FALSE(lanes.remove(id));
  CHECK(lanes.find(id) == nullptr);
  CHECK(lanes.lane("cpu").id != id);
}

TEST_CASE("next batches are decided again when they could be fuller, are outranked, or could run elsewhere") {
  TaskQueues queues(1min);
  Lanes lanes;
  Lane& lane = lanes.working("cuda:0", start, 80ms);
  CHECK(lanes.outdated(queues, 4, start).empty());

  SUBCASE("a batch that is full stays, one that is not gets company") {
    DeviceLanes::give(lane, batch(), true, false, start);
    queues.arrive({job()}, start);
    CHECK(lanes.outdated(queues, 4, start).empty());
    lane.next_full = false;
    CHECK(ids(lanes.outdated(queues, 4, start)) == std::vector{lane.id});
  }
  SUBCASE("tasks of another size do not make a batch fuller") {
    DeviceLanes::give(lane, batch(), false, false, start);
    queues.arrive({job(Priority::normal, {128, 64})}, start);
    CHECK(lanes.outdated(queues, 4, start).empty());
  }
  SUBCASE("as many batches yield as the more urgent tasks can fill, those that start first") {
    Lane& sooner = lanes.working("cuda:1", start, 20ms);
    DeviceLanes::give(lane, batch(), true, false, start);
    DeviceLanes::give(sooner, batch(), true, false, start);
    for (int i = 0; i < 4; ++i) queues.arrive({job(Priority::high)}, start);
    CHECK(ids(lanes.outdated(queues, 4, start)) == std::vector{sooner.id});
    queues.arrive({job(Priority::high)}, start);
    CHECK(ids(lanes.outdated(queues, 4, start)) == std::vector{sooner.id, lane.id});
  }
  SUBCASE("a batch behind running work moves to an idle lane, the one that would start last") {
    Lane& sooner = lanes.working("cuda:1", start, 20ms);
    DeviceLanes::give(lane, batch(), true, false, start);
    DeviceLanes::give(sooner, batch(), true, false, start);
    CHECK(lanes.outdated(queues, 4, start).empty());
    lanes.lane("cuda:2");
    CHECK(ids(lanes.outdated(queues, 4, start)) == std::vector{lane.id});
  }
}

TEST_CASE("workers() returns the remaining time of every usable replica") {
  Lanes lanes;
  lanes.working("cuda:0", start, 80ms);
  lanes.working("cuda:1", start, 20ms).hung = true;
  lanes.lane("cpu");
  const auto workers = lanes.workers(start + 30ms);
  REQUIRE(workers.size() == 2);
  CHECK(workers[0].device == "cuda:0");
  CHECK(workers[0].busy == 50ms);
  CHECK(workers[1].device == "cpu");
  CHECK(workers[1].busy == 0ms);
  CHECK(lanes.workers(start + 90ms)[0].busy == 0ms);
}

TEST_CASE("a replica remembers its 32 latest sizes and counts") {
  RecentShapes shapes;
  for (int i = 1; i <= 32; ++i) shapes.note({8 * i, 64}, 1);
  CHECK(shapes.contains({8, 64}, 1));
  CHECK_FALSE(shapes.contains({8, 64}, 2));
  shapes.note({8, 64}, 1);
  shapes.note({8 * 33, 64}, 1);
  CHECK(shapes.contains({8, 64}, 1));
  CHECK_FALSE(shapes.contains({16, 64}, 1));
}

}  // namespace inpaintd
