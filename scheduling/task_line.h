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

/// What leaves first: the smaller. Strict priority, then the earliest deadline, then who came first.
struct Urgency {
  int rank = 0;       ///< 0: aged, in their turn; then high, normal, low
  TimePoint first{};  ///< the deadline; of the aged, since when it waits
  TimePoint received{};

  friend auto operator<=>(const Urgency&, const Urgency&) = default;
};

/// Of a task that has not aged.
Urgency urgency(const Task& task);
/// Of one that has, in the turn of the aged.
Urgency aged_urgency(const Task& task);

/// The tiles of one size and one priority that wait, in two orders: the earliest deadline first, and the longest
/// waiting first.
///
/// Both orders are sorted deques: most tiles come near the end and leave near the front, where a deque is as cheap as a
/// list, and how many stand before a given one is a subtraction. Keys stand beside the tasks, so that a comparison
/// follows no pointer.
class TaskLine {
 public:
  struct Key {
    Urgency urgency;
    std::uint64_t number = 0;  ///< of the task
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  void insert(Task task);

  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }
  // The line must not be empty:
  [[nodiscard]] const Key& most_urgent() const { return tasks_.front().key; }
  /// As urgent as it is in the turn of the aged.
  [[nodiscard]] const Key& longest_waiting() const { return waits_.front().key; }
  [[nodiscard]] TimePoint earliest_deadline() const { return most_urgent().urgency.first; }
  [[nodiscard]] TimePoint waits_since() const { return longest_waiting().urgency.first; }
  [[nodiscard]] const Task& most_urgent_task() const { return tasks_.front().task; }
  [[nodiscard]] const Task& longest_waiting_task() const;

  /// How many are as urgent as `other`, of this line's priority, or more.
  [[nodiscard]] std::size_t count_until(const Urgency& other) const;

  Task take_most_urgent() { return take(most_urgent()); }
  Task take_longest_waiting() { return take(waits_.front().task); }
  /// Takes every task for which `gone(task)` holds.
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
    Key task;  ///< its place in the other order
  };
  /// The place of `key`, or where it would stand.
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
