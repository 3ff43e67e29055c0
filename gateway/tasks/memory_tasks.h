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
#include <utility>
#include <variant>
#include <vector>

#include "gateway/tasks/requester.h"
#include "gateway/tasks/tasks.h"

namespace inpaintd::gateway {

/// Tasks that live in this process. Bounded: the tasks that finished first are forgotten when others need their place,
/// and each finished task after `age_max`; a new task for which there is still no place is refused as `overloaded`.
class MemoryTasks : public Tasks {
 public:
  /// The largest message that the server takes, in bytes; 0: not known.
  using PayloadMax = std::function<std::size_t()>;
  using Now = std::function<TimePoint()>;

  MemoryTasks(RequestPort& port, RetryPolicy retry, RequesterSettings requester, TasksSettings settings,
              PayloadMax payload_max, Now now, Finished finished = {});

  void submit(Submission submission, Started then) override { then(start(std::move(submission))); }
  void load(const std::vector<std::string>&, Then then) override { then({}); }
  [[nodiscard]] const TaskState* find(const std::string& id) const override;
  void cancel(const std::string& id, Then then) override;
  [[nodiscard]] Watch watch(const std::string& id, Watcher watcher) override;
  void fetch(const TaskState& end, Ended then) override { then(end); }

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

  std::variant<std::string, Problem> start(Submission submission);
  void changed(const std::string& id, TaskState state);
  void forget(const std::string& id);
  /// Forgets finished tasks, the first to finish first, until there is room for `bytes` and one task more.
  bool make_room(std::size_t bytes, std::size_t tasks);

  RequestPort& port_;
  const TasksSettings settings_;
  const PayloadMax payload_max_;
  const Now now_;
  const Finished finished_call_;
  std::unordered_map<std::string, Task> tasks_;
  std::list<std::string> finished_;  // ids, in the order in which they finished
  std::size_t bytes_ = 0;
  Requester requester_;
};

}  // namespace inpaintd::gateway
