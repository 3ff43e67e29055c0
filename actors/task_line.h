// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
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

/// The tiles of one size and one priority that wait, in two orders: the earliest deadline first, and the longest
/// waiting first.
///
/// Both orders are sorted deques: most tiles come near the end and leave near the front, where a deque is as cheap as a
/// list, and how many stand before a given one is a subtraction.
class TaskLine {
 public:
  void insert(Task task);

  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }
  /// The first of each order; the line must not be empty.
  [[nodiscard]] const Task& most_urgent() const { return tasks_.front().task; }
  [[nodiscard]] const Task& longest_waiting() const;
  /// How many are as urgent as `other`, or more.
  [[nodiscard]] std::size_t count_until(const Urgency& other) const;

  Task take_most_urgent();
  Task take_longest_waiting();
  /// Takes every task for which `gone(task)` holds.
  template <class Predicate>
  void take_if(Predicate gone, std::vector<Task>& taken);
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (const Place& place : tasks_) visit(place.task);
  }

 private:
  /// Where a task stands in one of the orders. Keys are kept apart from the tasks: a comparison follows no pointer.
  struct Key {
    TimePoint first{};  ///< the deadline, or since when it waits
    TimePoint received{};
    std::uint64_t number = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Place {
    Key key;
    Task task;
  };
  struct Wait {
    Key key;
    TimePoint deadline{};
  };
  static Key by_deadline(const Task& task);
  static Key by_wait(const Task& task);
  template <class Order>
  static auto find(Order& order, const Key& key);
  Task take(Key deadline_key);

  std::deque<Place> tasks_;
  std::deque<Wait> waits_;
};

template <class Predicate>
void TaskLine::take_if(Predicate gone, std::vector<Task>& taken) {
  std::vector<Key> found;
  for (const Place& place : tasks_)
    if (gone(place.task)) found.push_back(place.key);
  for (const Key& key : found) taken.push_back(take(key));
}

}  // namespace inpaintd
