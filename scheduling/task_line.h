// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "scheduling/task.h"

namespace inpaintd {

/// The order in which tasks leave, the smaller first: by priority, then by deadline, then by arrival.
struct Urgency {
  int rank = 0;       ///< 0: aged tasks in their turn; 1 to 3: high, normal, low
  TimePoint first{};  ///< the deadline; for aged tasks, the time at which the task joined its queue
  TimePoint received{};

  friend auto operator<=>(const Urgency&, const Urgency&) = default;
};

/// The urgency of a task that has not aged.
Urgency urgency(const Task& task);
/// The urgency of an aged task in the turn of the aged tasks.
Urgency aged_urgency(const Task& task);

/// The waiting tasks of one size and one priority in two orders: by deadline, and by waiting time.
///
/// Both orders are sorted deques: most tasks are inserted near the end and leave near the front, where a deque is as
/// cheap as a list, and the number of tasks before a given one is a subtraction. The keys are stored beside the tasks,
/// so that a comparison follows no pointer.
class TaskLine {
 public:
  struct Key {
    Urgency urgency;
    std::uint64_t number = 0;  ///< the number of the task
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  void insert(Task task);

  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }
  // The functions from here to longest_waiting_task() require that the line is not empty.
  [[nodiscard]] const Key& most_urgent() const { return tasks_.front().key; }
  /// The key of the longest waiting task in the turn of the aged tasks.
  [[nodiscard]] const Key& longest_waiting() const { return waits_.front().key; }
  [[nodiscard]] TimePoint earliest_deadline() const { return most_urgent().urgency.first; }
  [[nodiscard]] TimePoint waits_since() const { return longest_waiting().urgency.first; }
  [[nodiscard]] const Task& most_urgent_task() const { return tasks_.front().task; }
  [[nodiscard]] const Task& longest_waiting_task() const;

  /// The number of tasks that are at least as urgent as `other`, which has the priority of this line.
  [[nodiscard]] std::size_t count_until(const Urgency& other) const;

  Task take_most_urgent() { return take(most_urgent()); }
  Task take_longest_waiting() { return take(waits_.front().task); }
  /// Takes out every task for which `gone(task)` is true.
  template <class Predicate>
  void take_if(Predicate gone, std::vector<Task>& taken);
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (const Place& place : tasks_) visit(place.task);
  }

 private:
  struct Place {
    Key key;
    Task task;
  };
  struct Wait {
    Key key;
    Key task;  ///< the key of the task in the other order
  };
  /// The place of `key`, or the place at which it would be inserted.
  template <class Order>
  static auto find(Order& order, const Key& key) {
    return std::lower_bound(order.begin(), order.end(), key,
                            [](const auto& place, const Key& key) { return place.key < key; });
  }
  Task take(Key key);

  std::deque<Place> tasks_;
  std::deque<Wait> waits_;
};

template <class Predicate>
void TaskLine::take_if(Predicate gone, std::vector<Task>& taken) {
  std::vector<Key> found;
  for (const Place& place : tasks_)
    if (gone(place.task)) found.push_back(place.key);
  taken.reserve(taken.size() + found.size());
  for (const Key& key : found) taken.push_back(take(key));
}

}  // namespace inpaintd
