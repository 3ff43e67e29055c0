// SPDX-License-Identifier: Apache-2.0
#include "scheduling/task_queues.h"

#include <algorithm>
#include <utility>

namespace inpaintd {
namespace {

constexpr double newest_weight = 0.2;
constexpr std::size_t sizes_remembered_max = 1024;

}  // namespace

Urgency TaskQueues::urgency_now(const Task& task, TimePoint now) const {
  const Ticket& ticket = task.job->ticket();
  const bool aged = aged_turn_ && ticket.priority != Priority::high && now - task.queued >= age_max_;
  return aged ? aged_urgency(task) : urgency(task);
}

void TaskQueues::arrive(Task task, TimePoint now) {
  task.queued = now;
  task.number = ++last_number_;
  const Size size = task.input().network_size();
  if (task.tile == 0) note_arrival(size, now);  // the tiles of a request arrive together
  if (!queues_.contains(size)) level(size);
  insert(std::move(task));
}

// A size whose queue was empty starts with the device time of the least served waiting size, because it has no claim on
// device time before its arrival. Otherwise a rare size would always be served at once, in batches of one tile.
void TaskQueues::level(Size size) {
  std::optional<Microseconds> least;
  for (const auto& [other, waiting] : queues_)
    if (const auto used = used_.find(other); used != used_.end())
      least = std::min(least.value_or(used->second), used->second);
  Microseconds& own = used_[size];
  own = std::max(own, least.value_or(Microseconds{}));
}

void TaskQueues::note_arrival(Size size, TimePoint now) {
  // Clients choose the sizes, so the number of sizes that are remembered has to be bounded.
  if (arrivals_.size() > sizes_remembered_max) arrivals_.clear();
  Arrivals& arrivals = arrivals_[size];
  if (arrivals.last != TimePoint{}) {
    const auto gap = std::chrono::duration_cast<Microseconds>(now - arrivals.last);
    const auto mean = arrivals.gap.value_or(gap);
    arrivals.gap = mean + std::chrono::duration_cast<Microseconds>((gap - mean) * newest_weight);
  }
  arrivals.last = now;
}

void TaskQueues::put_back(Task task) {
  if (const Size size = task.input().network_size(); !used_.contains(size)) level(size);
  insert(std::move(task));
}

void TaskQueues::insert(Task task) {
  const Size size = task.input().network_size();
  const Priority priority = task.job->ticket().priority;
  Queue& queue = queues_[size];
  try {
    queue[priority].insert(std::move(task));
  } catch (...) {  // even if memory runs out, no line and no queue may stay empty
    if (const auto line = queue.find(priority); line != queue.end() && line->second.empty()) queue.erase(line);
    if (queue.empty()) queues_.erase(size);
    throw;
  }
}

TaskQueues::Head TaskQueues::head_of(const Queue& queue, TimePoint now) const {
  Head head{queue.begin()->second.most_urgent(), queue.begin()};
  if (!aged_turn_) return head;
  for (auto each = queue.begin(); each != queue.end(); ++each) {
    const auto& [priority, line] = *each;
    const bool aged = priority != Priority::high && now - line.waits_since() >= age_max_;
    if (aged && line.longest_waiting() < head.key) head = {line.longest_waiting(), each};
  }
  return head;
}

std::vector<Task> TaskQueues::take(Size size, std::size_t count, TimePoint now) {
  std::vector<Task> taken;
  const auto queue = queues_.find(size);
  if (queue == queues_.end()) return taken;
  taken.reserve(count);
  while (taken.size() < count && !queue->second.empty()) {
    const Head head = head_of(queue->second, now);
    const bool suspect = head.task().suspect();
    if (suspect && !taken.empty()) break;
    const auto line = queue->second.find(head.line->first);
    taken.push_back(head.aged() ? line->second.take_longest_waiting() : line->second.take_most_urgent());
    if (line->second.empty()) queue->second.erase(line);
    if (suspect) break;
  }
  if (queue->second.empty()) queues_.erase(queue);
  return taken;
}

void TaskQueues::charge(Size size, Microseconds time) {
  // `used_` has an entry for each size that waited since all queues were last empty.
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
  views.reserve(queues_.size());
  for (const auto& [size, queue] : queues_) {
    const Head head = head_of(queue, now);
    const TimePoint deadline = head.aged() ? head.task().job->ticket().deadline : head.key.urgency.first;
    QueueView view{size, 0, TimePoint::max(), head.key.urgency, deadline};
    for (const auto& [priority, line] : queue) {
      view.count += line.size();
      view.oldest = std::min(view.oldest, line.waits_since());
    }
    if (const auto used = used_.find(size); used != used_.end()) view.used = used->second;
    if (const auto arrivals = arrivals_.find(size); arrivals != arrivals_.end()) view.gap = arrivals->second.gap;
    views.push_back(view);
  }
  return views;
}

std::optional<Urgency> TaskQueues::head(TimePoint now) const {
  std::optional<Urgency> best;
  for (const auto& [size, queue] : queues_) {
    const Urgency each = head_of(queue, now).key.urgency;
    if (!best || each < *best) best = each;
  }
  return best;
}

std::optional<TimePoint> TaskQueues::earliest_deadline() const {
  std::optional<TimePoint> earliest;
  for_each_line([&](Size, Priority, const TaskLine& line) {
    earliest = std::min(earliest.value_or(TimePoint::max()), line.earliest_deadline());
  });
  return earliest;
}

}  // namespace inpaintd
