// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "core/job.h"

namespace inpaintd {

struct BatchSettings {
  std::size_t size_max = 8;               ///< tiles in one batch
  std::chrono::milliseconds wait_max{5};  ///< how long the oldest tile of a queue may wait for company
};

/// What the policy sees of the queue of one network size: never empty.
struct QueueView {
  Size size;
  std::size_t count = 0;
  TimePoint oldest{};                    ///< when its longest waiting tile came
  Priority priority = Priority::normal;  ///< of its head
  TimePoint deadline{};                  ///< of its head
};

/// Which queue may leave now, if any; else when to look again, if ever.
struct Decision {
  std::optional<Size> leave;
  std::size_t count = 0;
  std::optional<TimePoint> look_again;

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// Decides for one idle device. A queue may leave when it holds a full batch, or when its oldest tile has waited
/// `wait_max`. Of those, the one with the highest priority leaves, then the one with the earliest deadline. Pure.
Decision choose_batch(const std::vector<QueueView>& queues, const BatchSettings& settings, TimePoint now);

/// The tiles that wait, one queue per network size, each ordered by priority, deadline, arrival.
class TaskQueues {
 public:
  void push(Task task, TimePoint now);
  /// Takes the first `count` of one queue.
  std::vector<Task> take(Size size, std::size_t count);
  /// Takes every task for which `gone(task)` holds.
  template <class Predicate>
  std::vector<Task> take_if(Predicate gone);

  [[nodiscard]] std::vector<QueueView> views() const;
  [[nodiscard]] std::size_t size() const;
  /// The earliest deadline of all that waits.
  [[nodiscard]] std::optional<TimePoint> earliest_deadline() const;
  /// Calls `visit(task, ahead)` for each waiting task; `ahead` counts the tasks before it in its queue.
  template <class Visitor>
  void for_each(Visitor visit) const;

 private:
  struct Waiting {
    Task task;
    TimePoint since;
  };
  std::map<Size, std::vector<Waiting>> queues_;
};

template <class Predicate>
std::vector<Task> TaskQueues::take_if(Predicate gone) {
  std::vector<Task> taken;
  for (auto queue = queues_.begin(); queue != queues_.end();) {
    auto& waiting = queue->second;
    std::vector<Waiting> kept;
    for (auto& each : waiting) {
      if (gone(each.task))
        taken.push_back(std::move(each.task));
      else
        kept.push_back(std::move(each));
    }
    waiting = std::move(kept);
    queue = waiting.empty() ? queues_.erase(queue) : std::next(queue);
  }
  return taken;
}

template <class Visitor>
void TaskQueues::for_each(Visitor visit) const {
  for (const auto& [size, waiting] : queues_)
    for (std::size_t i = 0; i < waiting.size(); ++i) visit(waiting[i].task, i);
}

}  // namespace inpaintd
