// SPDX-License-Identifier: Apache-2.0
#include "actors/batch_policy.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace inpaintd {
namespace {

// What leaves first: the smaller, the sooner.
auto urgency(const QueueView& queue) { return std::tuple(queue.priority, queue.deadline, queue.oldest); }

auto urgency(const Task& task) {
  const Ticket& ticket = task.job->ticket();
  return std::tuple(ticket.priority, ticket.deadline, ticket.received);
}

}  // namespace

Decision choose_batch(const std::vector<QueueView>& queues, const BatchSettings& settings, TimePoint now) {
  const QueueView* best = nullptr;
  std::optional<TimePoint> look_again;
  for (const QueueView& queue : queues) {
    const TimePoint due = queue.oldest + settings.wait_max;
    if (queue.count < settings.size_max && now < due) {
      look_again = look_again ? std::min(*look_again, due) : due;
      continue;
    }
    if (!best || urgency(queue) < urgency(*best)) best = &queue;
  }
  if (!best) return {std::nullopt, 0, look_again};
  return {best->size, std::min(best->count, settings.size_max), std::nullopt};
}

void TaskQueues::push(Task task, TimePoint now) {
  auto& queue = queues_[task.input().network_size()];
  const auto place = std::upper_bound(queue.begin(), queue.end(), task,
                                      [](const Task& a, const Waiting& b) { return urgency(a) < urgency(b.task); });
  queue.insert(place, Waiting{std::move(task), now});
}

std::vector<Task> TaskQueues::take(Size size, std::size_t count) {
  const auto found = queues_.find(size);
  if (found == queues_.end()) return {};
  auto& queue = found->second;
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(std::min(count, queue.size()));
  std::vector<Task> taken;
  for (auto each = queue.begin(); each != end; ++each) taken.push_back(std::move(each->task));
  queue.erase(queue.begin(), end);
  if (queue.empty()) queues_.erase(found);
  return taken;
}

std::vector<QueueView> TaskQueues::views() const {
  std::vector<QueueView> views;
  for (const auto& [size, queue] : queues_) {
    const auto oldest = std::min_element(queue.begin(), queue.end(),
                                         [](const Waiting& a, const Waiting& b) { return a.since < b.since; });
    const Ticket& head = queue.front().task.job->ticket();
    views.push_back({size, queue.size(), oldest->since, head.priority, head.deadline});
  }
  return views;
}

std::size_t TaskQueues::size() const {
  std::size_t total = 0;
  for (const auto& [size, queue] : queues_) total += queue.size();
  return total;
}

std::optional<TimePoint> TaskQueues::earliest_deadline() const {
  std::optional<TimePoint> earliest;
  for_each([&](const Task& task, std::size_t) {
    const TimePoint deadline = task.job->ticket().deadline;
    if (!earliest || deadline < *earliest) earliest = deadline;
  });
  return earliest;
}

}  // namespace inpaintd
