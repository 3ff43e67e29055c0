// SPDX-License-Identifier: Apache-2.0
#include "actors/task_line.h"

#include <algorithm>
#include <utility>

namespace inpaintd {

Urgency urgency(const Task& task) {
  const Ticket& ticket = task.job->ticket();
  return {1 + static_cast<int>(ticket.priority), ticket.deadline, ticket.received};
}

TaskLine::Key TaskLine::by_deadline(const Task& task) {
  const Ticket& ticket = task.job->ticket();
  return {ticket.deadline, ticket.received, task.number};
}

TaskLine::Key TaskLine::by_wait(const Task& task) { return {task.queued, task.job->ticket().received, task.number}; }

/// The place of `key`, or where it would stand.
template <class Order>
auto TaskLine::find(Order& order, const Key& key) {
  return std::lower_bound(order.begin(), order.end(), key,
                          [](const auto& place, const Key& key) { return place.key < key; });
}

void TaskLine::insert(Task task) {
  const Key wait = by_wait(task), deadline = by_deadline(task);
  waits_.insert(find(waits_, wait), Wait{wait, deadline.first});
  tasks_.insert(find(tasks_, deadline), Place{deadline, std::move(task)});
}

const Task& TaskLine::longest_waiting() const {
  const auto& [key, deadline] = waits_.front();
  return find(tasks_, {deadline, key.received, key.number})->task;
}

std::size_t TaskLine::count_until(const Urgency& other) const {
  // No number is so large: whoever is as urgent stands before.
  const Key after{other.first, other.received, UINT64_MAX};
  return static_cast<std::size_t>(find(tasks_, after) - tasks_.begin());
}

Task TaskLine::take(Key deadline_key) {
  const auto place = find(tasks_, deadline_key);
  Task task = std::move(place->task);
  tasks_.erase(place);
  waits_.erase(find(waits_, by_wait(task)));
  return task;
}

Task TaskLine::take_most_urgent() { return take(tasks_.front().key); }

Task TaskLine::take_longest_waiting() {
  const auto& [key, deadline] = waits_.front();
  return take({deadline, key.received, key.number});
}

}  // namespace inpaintd
