// SPDX-License-Identifier: Apache-2.0
#include "scheduling/task_line.h"

#include <utility>

namespace inpaintd {

Urgency urgency(const Task& task) {
  const Ticket& ticket = task.job->ticket();
  return {1 + static_cast<int>(ticket.priority), ticket.deadline, ticket.received};
}

Urgency aged_urgency(const Task& task) { return {0, task.queued, task.job->ticket().received}; }

void TaskLine::insert(Task task) {
  const Key key{urgency(task), task.number};
  const Key wait{aged_urgency(task), task.number};
  tasks_.insert(find(tasks_, key), Place{key, std::move(task)});
  try {
    waits_.insert(find(waits_, wait), Wait{wait, key});
  } catch (...) {  // if memory runs out, the task is in neither order
    tasks_.erase(find(tasks_, key));
    throw;
  }
}

const Task& TaskLine::longest_waiting_task() const { return find(tasks_, waits_.front().task)->task; }

std::size_t TaskLine::count_until(const Urgency& other) const {
  return static_cast<std::size_t>(find(tasks_, {other, UINT64_MAX}) -
                                  tasks_.begin());  // the largest number, which no task has
}

Task TaskLine::take(Key key) {
  const auto place = find(tasks_, key);
  Task task = std::move(place->task);
  tasks_.erase(place);
  waits_.erase(find(waits_, {aged_urgency(task), task.number}));
  return task;
}

}  // namespace inpaintd
