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

/// The queue of one network size, as the policy sees it; never empty.
struct QueueView {
  Size size;
  std::size_t count = 0;
  TimePoint oldest{};                 ///< when the longest waiting tile joined the queue
  Urgency head{};                     ///< the urgency of the most urgent tile
  TimePoint deadline{};               ///< the deadline of the most urgent tile
  Microseconds used{};                ///< device time that this size used while other sizes waited
  std::optional<Microseconds> gap{};  ///< recent mean time between two arrivals; nothing before the second arrival
};

/// The waiting tiles, in one queue for each network size.
///
/// Tiles of normal and low priority that have waited for `age_max` are aged. In the turns of the aged tiles, these
/// leave first, the longest waiting one before the others. So urgent requests cannot delay the aged ones for ever, and
/// the aged ones cannot stop the urgent ones. The cost of every function but `for_each` and `take_if` depends on the
/// number of sizes, not on the number of tiles.
class TaskQueues {
 public:
  explicit TaskQueues(std::chrono::milliseconds age_max) : age_max_(age_max) {}

  /// Says whether the next batch is the turn of the aged tiles.
  void set_aged_turn(bool turn) { aged_turn_ = turn; }
  /// The urgency of `task`, as an aged task where it has aged and it is their turn.
  [[nodiscard]] Urgency urgency_now(const Task& task, TimePoint now) const;

  /// Adds a new tile, which arrived at `now`.
  void arrive(Task task, TimePoint now);
  /// Adds a tile that was taken out before. The tile keeps its waiting time.
  void put_back(Task task);
  /// Takes out the `count` most urgent tasks of one queue, in order. A suspect task is taken alone, because it may make
  /// the device fail again.
  std::vector<Task> take(Size size, std::size_t count, TimePoint now);
  /// Takes out every task for which `gone(task)` is true.
  template <class Predicate>
  std::vector<Task> take_if(Predicate gone);
  /// Takes out every task whose deadline is not later than `limit(size)`.
  template <class Limit>
  std::vector<Task> take_late(Limit limit);

  /// Notes that a batch of this size used `time` of a device.
  void charge(Size size, Microseconds time);

  /// All queues, for the policy.
  [[nodiscard]] std::vector<QueueView> views(TimePoint now) const;
  [[nodiscard]] bool empty() const { return queues_.empty(); }
  [[nodiscard]] bool holds(Size size) const { return queues_.contains(size); }
  /// The urgency of the most urgent waiting task.
  [[nodiscard]] std::optional<Urgency> head(TimePoint now) const;
  /// The earliest deadline of all waiting tasks.
  [[nodiscard]] std::optional<TimePoint> earliest_deadline() const;
  /// Calls `visit(task)` for every waiting task.
  template <class Visitor>
  void for_each(Visitor visit) const;
  /// Calls `visit(size, priority, line)` for every size and priority of which tasks wait.
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
  /// Calls `take(size, line)` for every line, and then removes the empty lines.
  template <class Take>
  void take_from_lines(Take take);

  const std::chrono::milliseconds age_max_;
  bool aged_turn_ = false;
  std::uint64_t last_number_ = 0;
  std::map<Size, Queue> queues_;       // no queue is empty
  std::map<Size, Microseconds> used_;  // since all queues were last empty
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
