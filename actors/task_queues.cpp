// SPDX-License-Identifier: Apache-2.0
#include "actors/task_queues.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace inpaintd {
namespace {

constexpr double newest_weight = 0.2;
constexpr std::size_t sizes_remembered_max = 1024;

// The end of those that may share a batch: what a device died of, perhaps, runs alone.
template <class Iterator>
Iterator alone_if_suspect(Iterator begin, Iterator end) {
  const auto suspect = [](const Task& task) { return task.attempts > 0; };
  return begin != end && suspect(*begin) ? std::next(begin) : std::find_if(begin, end, suspect);
}

}  // namespace

Urgency urgency(const Task& task) {
  const Ticket& ticket = task.job->ticket();
  return {1 + static_cast<int>(ticket.priority), ticket.deadline, ticket.received};
}

Urgency TaskQueues::urgency_now(const Task& task, TimePoint now) const {
  const Ticket& ticket = task.job->ticket();
  if (aged_turn_ && ticket.priority != Priority::high && now - task.queued >= age_max_)
    return {0, task.queued, ticket.received};
  return urgency(task);
}

void TaskQueues::arrive(Task task, TimePoint now) {
  task.queued = now;
  task.number = ++last_number_;
  if (task.tile == 0) note_arrival(task.input().network_size(), now);  // a request's tiles come as one
  insert(std::move(task));
}

void TaskQueues::note_arrival(Size size, TimePoint now) {
  // Sizes are the client's choice: what is remembered of them is bounded.
  if (arrivals_.size() > sizes_remembered_max) arrivals_.clear();
  Arrivals& arrivals = arrivals_[size];
  if (arrivals.last != TimePoint{}) {
    const auto gap = std::chrono::duration_cast<Microseconds>(now - arrivals.last);
    const auto mean = arrivals.gap.value_or(gap);
    arrivals.gap = mean + std::chrono::duration_cast<Microseconds>((gap - mean) * newest_weight);
  }
  arrivals.last = now;
}

void TaskQueues::put_back(Task task) { insert(std::move(task)); }

void TaskQueues::insert(Task task) {
  const Size size = task.input().network_size();
  auto& queue = queues_[size];
  if (queue.empty() && !used_.contains(size)) {
    // A newcomer starts level with the least served of those that wait: it has no claim on the time before it came.
    std::optional<Microseconds> least;
    for (const auto& [other, waiting] : queues_)
      if (const auto used = used_.find(other); used != used_.end())
        least = std::min(least.value_or(used->second), used->second);
    used_[size] = least.value_or(Microseconds{});
  }
  queue.push_back(std::move(task));
}

std::vector<Task> TaskQueues::take(Size size, std::size_t count, TimePoint now) {
  const auto found = queues_.find(size);
  if (found == queues_.end()) return {};
  auto& queue = found->second;
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(std::min(count, queue.size()));
  std::partial_sort(queue.begin(), end, queue.end(), [&](const Task& a, const Task& b) {
    return std::pair(urgency_now(a, now), a.number) < std::pair(urgency_now(b, now), b.number);
  });
  const auto taken_end = alone_if_suspect(queue.begin(), end);
  std::vector<Task> taken(std::move_iterator(queue.begin()), std::move_iterator(taken_end));
  queue.erase(queue.begin(), taken_end);
  if (queue.empty()) queues_.erase(found);
  return taken;
}

void TaskQueues::charge(Size size, Microseconds time) {
  // Time that nobody else waited for is nobody's loss.
  if (const auto used = used_.find(size); used != used_.end()) used->second += time;
  forget_when_idle();
}

void TaskQueues::forget_when_idle() {
  if (queues_.empty()) return used_.clear();
  if (used_.size() > sizes_remembered_max)
    std::erase_if(used_, [this](const auto& entry) { return !queues_.contains(entry.first); });
}

std::vector<QueueView> TaskQueues::views(TimePoint now) const {
  std::vector<QueueView> views;
  for (const auto& [size, queue] : queues_) {
    const Task& first = queue.front();
    QueueView view{size, queue.size(), first.queued, urgency_now(first, now), first.job->ticket().deadline};
    for (const Task& task : queue) {
      view.oldest = std::min(view.oldest, task.queued);
      const Urgency each = urgency_now(task, now);
      if (!(each < view.head)) continue;
      view.head = each;
      view.deadline = task.job->ticket().deadline;
    }
    if (const auto used = used_.find(size); used != used_.end()) view.used = used->second;
    if (const auto arrivals = arrivals_.find(size); arrivals != arrivals_.end()) view.gap = arrivals->second.gap;
    views.push_back(view);
  }
  return views;
}

std::size_t TaskQueues::size() const {
  std::size_t total = 0;
  for (const auto& [size, queue] : queues_) total += queue.size();
  return total;
}

std::optional<Urgency> TaskQueues::head(TimePoint now) const {
  std::optional<Urgency> best;
  for_each([&](const Task& task) {
    const Urgency each = urgency_now(task, now);
    if (!best || each < *best) best = each;
  });
  return best;
}

std::optional<TimePoint> TaskQueues::earliest_deadline() const {
  std::optional<TimePoint> earliest;
  for_each([&](const Task& task) {
    const TimePoint deadline = task.job->ticket().deadline;
    if (!earliest || deadline < *earliest) earliest = deadline;
  });
  return earliest;
}

}  // namespace inpaintd
