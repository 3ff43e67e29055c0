// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "scheduling/task_line.h"

namespace inpaintd {

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
/// Everything but `for_each` and `take_if` costs by the number of sizes, not by the number of tiles that wait.
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
  /// Takes the `count` most urgent of one queue, in order. A task that is suspect is taken alone: it may be what a
  /// device died of, and others shall not share that.
  std::vector<Task> take(Size size, std::size_t count, TimePoint now);
  /// Takes every task for which `gone(task)` holds.
  template <class Predicate>
  std::vector<Task> take_if(Predicate gone);
  /// Takes every task whose deadline is at `limit(size)` or before.
  template <class Limit>
  std::vector<Task> take_late(Limit limit);

  /// A batch of this size took so much time of a device.
  void charge(Size size, Microseconds time);

  [[nodiscard]] std::vector<QueueView> views(TimePoint now) const;
  [[nodiscard]] bool empty() const { return queues_.empty(); }
  [[nodiscard]] bool holds(Size size) const { return queues_.contains(size); }
  /// The most urgent of all that waits.
  [[nodiscard]] std::optional<Urgency> head(TimePoint now) const;
  /// The earliest deadline of all that waits.
  [[nodiscard]] std::optional<TimePoint> earliest_deadline() const;
  /// Calls `visit(task)` for every task that waits.
  template <class Visitor>
  void for_each(Visitor visit) const;
  /// Calls `visit(size, priority, line)` for every size and priority of which something waits.
  template <class Visitor>
  void for_each_line(Visitor visit) const;

 private:
  using Queue = std::map<Priority, TaskLine>;  // no line is empty
  struct Head {
    TaskLine::Key key;
    Queue::const_iterator line;
    [[nodiscard]] bool aged() const { return key.urgency.rank == 0; }
    [[nodiscard]] const Task& task() const {
      return aged() ? line->second.longest_waiting_task() : line->second.most_urgent_task();
    }
  };
  struct Arrivals {
    TimePoint last{};
    std::optional<Microseconds> gap;
  };
  [[nodiscard]] Head head_of(const Queue& queue, TimePoint now) const;
  void note_arrival(Size size, TimePoint now);
  void insert(Task task);
  void level(Size size);
  void forget_when_idle();
  /// Calls `take(size, line)` for every line, and lets go of those that are empty then.
  template <class Take>
  void take_from_lines(Take take);

  const std::chrono::milliseconds age_max_;
  bool aged_turn_ = false;
  std::uint64_t last_number_ = 0;
  std::map<Size, Queue> queues_;       // no queue is empty
  std::map<Size, Microseconds> used_;  // since everything was last empty
  std::map<Size, Arrivals> arrivals_;
};

template <class Take>
void TaskQueues::take_from_lines(Take take) {
  for (auto queue = queues_.begin(); queue != queues_.end();) {
    auto& [size, lines] = *queue;
    for (auto& [priority, line] : lines) take(size, line);
    std::erase_if(lines, [](const auto& each) { return each.second.empty(); });
    queue = lines.empty() ? queues_.erase(queue) : std::next(queue);
  }
  forget_when_idle();
}

template <class Predicate>
std::vector<Task> TaskQueues::take_if(Predicate gone) {
  std::vector<Task> taken;
  take_from_lines([&](Size, TaskLine& line) { line.take_if(gone, taken); });
  return taken;
}

template <class Limit>
std::vector<Task> TaskQueues::take_late(Limit limit) {
  std::vector<Task> taken;
  take_from_lines([&](Size size, TaskLine& line) {
    const TimePoint latest = limit(size);
    while (!line.empty() && line.earliest_deadline() <= latest) taken.push_back(line.take_most_urgent());
  });
  return taken;
}

template <class Visitor>
void TaskQueues::for_each(Visitor visit) const {
  for_each_line([&](Size, Priority, const TaskLine& line) { line.for_each(visit); });
}

template <class Visitor>
void TaskQueues::for_each_line(Visitor visit) const {
  for (const auto& [size, queue] : queues_)
    for (const auto& [priority, line] : queue) visit(size, priority, line);
}

}  // namespace inpaintd
