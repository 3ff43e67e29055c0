// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "gateway/tasks/requester.h"
#include "gateway/tasks/tasks.h"

namespace inpaintd::gateway {

struct MemoryTasksSettings {
  std::size_t bytes_max = 512 << 20;           ///< pictures and masks of open tasks, and results
  std::size_t count_max = 20'000;              ///< tasks, open and finished
  std::chrono::milliseconds age_max{600'000};  ///< of a finished task
  std::chrono::milliseconds timeout_default{60'000};
};

/// Tasks that live in this process. Bounded: the tasks that finished first are forgotten when others need their place,
/// and each finished task after `age_max`; a new task for which there is still no place is refused as `overloaded`.
class MemoryTasks : public Tasks {
 public:
  /// The largest message that the server takes, in bytes; 0: not known.
  using PayloadMax = std::function<std::size_t()>;
  using Now = std::function<TimePoint()>;
  /// Called at the end of every task with its id, its final state and its duration.
  using Finished = std::function<void(const std::string& id, const TaskState& state, Microseconds time)>;

  MemoryTasks(RequestPort& port, RetryPolicy retry, RequesterSettings requester, MemoryTasksSettings settings,
              PayloadMax payload_max, Now now, Finished finished = {});

  std::variant<std::string, Problem> submit(Submission submission) override;
  [[nodiscard]] const TaskState* find(const std::string& id) const override;
  bool cancel(const std::string& id) override;
  [[nodiscard]] Watch watch(const std::string& id, Watcher watcher) override;

  [[nodiscard]] Requester& requester() { return requester_; }
  /// Forgets finished tasks that are too old, and lets the requester send and end what is due.
  void tick();

  [[nodiscard]] std::size_t open() const { return requester_.open(); }
  [[nodiscard]] std::size_t count() const { return tasks_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Task {
    TaskState state = QueuedState{};
    std::size_t bytes = 0;
    TimePoint started{};
    TimePoint finished{};
    std::list<std::string>::iterator place{};  ///< in finished_, once it is finished
    std::vector<std::weak_ptr<const Watcher>> watchers;
  };

  void changed(const std::string& id, TaskState state);
  void forget(const std::string& id);
  /// Forgets finished tasks, the first to finish first, until there is room for `bytes` and one task more.
  bool make_room(std::size_t bytes, std::size_t tasks);

  RequestPort& port_;
  const MemoryTasksSettings settings_;
  const PayloadMax payload_max_;
  const Now now_;
  const Finished finished_call_;
  std::unordered_map<std::string, Task> tasks_;
  std::list<std::string> finished_;  // ids, in the order in which they finished
  std::size_t bytes_ = 0;
  Requester requester_;
};

}  // namespace inpaintd::gateway
