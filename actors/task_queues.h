// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/job.h"

namespace inpaintd {

/// What leaves first: the smaller. Strict priority, then the earliest deadline, then who came first.
struct Urgency {
  int rank = 0;       ///< 0: aged, in their turn; then high, normal, low
  TimePoint first{};  ///< the deadline; of the aged, since when it waits
  TimePoint received{};

  friend auto operator<=>(const Urgency&, const Urgency&) = default;
};

/// Of a task that has not aged.
Urgency urgency(const Task& task);

/// What the policy sees of the queue of one network size: never empty.
struct QueueView {
  Size size;
  std::size_t count = 0;
  TimePoint oldest{};                 ///< when its longest waiting tile came
  Urgency head{};                     ///< of its most urgent tile
  TimePoint deadline{};               ///< of that tile
  Microseconds used{};                ///< device time that this size had while others waited
  std::optional<Microseconds> gap{};  ///< mean time between two arrivals of late; nothing before the second
};

/// The tiles that wait, one queue per network size.
///
/// Tiles of normal and low priority that waited for `age_max` have aged. In the turns of the aged these go first, the
/// longest waiting before the others; so a flood of the more important cannot keep them for ever, nor they keep it.
class TaskQueues {
 public:
  explicit TaskQueues(std::chrono::milliseconds age_max) : age_max_(age_max) {}

  /// From now on it is the turn of the aged, or not.
  void set_aged_turn(bool turn) { aged_turn_ = turn; }
  [[nodiscard]] Urgency urgency_now(const Task& task, TimePoint now) const;

  /// A new tile. `now` counts as an arrival.
  void arrive(Task task, TimePoint now);
  /// A tile that was here before; it keeps the time since which it waits.
  void put_back(Task task);
  /// Takes the `count` most urgent of one queue, in order. A task that a device took and did not answer is taken alone:
  /// it may be what the device died of, and others shall not share that.
  std::vector<Task> take(Size size, std::size_t count, TimePoint now);
  /// Takes every task for which `gone(task)` holds.
  template <class Predicate>
  std::vector<Task> take_if(Predicate gone);

  /// A batch of this size took so much time of a device.
  void charge(Size size, Microseconds time);

  [[nodiscard]] std::vector<QueueView> views(TimePoint now) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool holds(Size size) const { return queues_.contains(size); }
  /// The most urgent of all that waits.
  [[nodiscard]] std::optional<Urgency> head(TimePoint now) const;
  /// The earliest deadline of all that waits.
  [[nodiscard]] std::optional<TimePoint> earliest_deadline() const;
  template <class Visitor>
  void for_each(Visitor visit) const;

 private:
  struct Arrivals {
    TimePoint last{};
    std::optional<Microseconds> gap;
  };
  void note_arrival(Size size, TimePoint now);
  void insert(Task task);
  void forget_when_idle();

  const std::chrono::milliseconds age_max_;
  bool aged_turn_ = false;
  std::uint64_t last_number_ = 0;
  std::map<Size, std::vector<Task>> queues_;  // unordered within: urgency changes with time
  std::map<Size, Microseconds> used_;         // since everything was last empty
  std::map<Size, Arrivals> arrivals_;
};

template <class Predicate>
std::vector<Task> TaskQueues::take_if(Predicate gone) {
  std::vector<Task> taken;
  for (auto queue = queues_.begin(); queue != queues_.end();) {
    if (std::none_of(queue->second.begin(), queue->second.end(), gone)) {
      ++queue;
      continue;
    }
    std::vector<Task> kept;
    for (Task& each : queue->second) (gone(each) ? taken : kept).push_back(std::move(each));
    queue->second = std::move(kept);
    queue = queue->second.empty() ? queues_.erase(queue) : std::next(queue);
  }
  forget_when_idle();
  return taken;
}

template <class Visitor>
void TaskQueues::for_each(Visitor visit) const {
  for (const auto& [size, queue] : queues_)
    for (const Task& task : queue) visit(task);
}

}  // namespace inpaintd
