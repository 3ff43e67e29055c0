// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bus/wire/wire.h"
#include "core/time.h"
#include "gateway/problem.h"
#include "gateway/tasks/submission.h"

namespace inpaintd::gateway {

/// A finished picture: the worker's last message, and the owner of the bytes that its `image` points to.
struct TaskPicture : wire::Done {
  std::shared_ptr<const void> owner;
  std::size_t stored_bytes = 0;  ///< of a picture that is in the object store; `image` may be empty then

  [[nodiscard]] std::size_t bytes() const { return image.empty() ? stored_bytes : image.size(); }
};

/// Waits for a worker or for a device.
struct QueuedState {
  std::optional<std::size_t> position;           ///< requests ahead; absent while no worker has accepted the task
  std::optional<std::chrono::milliseconds> eta;  ///< absent: not known
  std::string note;                              ///< why it waits, where that is unusual; else empty
};
struct RunningState {
  std::size_t batch_size = 0;
  std::string device;
};

/// The state of a task. A TaskPicture or a Problem is final.
using TaskState = std::variant<QueuedState, RunningState, TaskPicture, Problem>;

inline bool is_final(const TaskState& state) {
  return std::holds_alternative<TaskPicture>(state) || std::holds_alternative<Problem>(state);
}

/// The bounds of a gateway's tasks.
struct TasksSettings {
  std::size_t bytes_max = 512 << 20;           ///< pictures and masks of open tasks, and results
  std::size_t count_max = 20'000;              ///< tasks, open and finished
  std::chrono::milliseconds age_max{600'000};  ///< of a finished task in memory
  std::chrono::milliseconds timeout_default{60'000};
};

/// Why a task with these settings is refused: there is no place for it.
Problem full(const TasksSettings& settings);

/// The tasks of a gateway. The id of a task, 128 random bits in 32 hexadecimal digits, is the permission to read and to
/// cancel the task. Used on one thread, on which `then` is called, too: at once or later.
class Tasks {
 public:
  /// Called with the id of a new task, or with the reason why there is none.
  using Started = std::function<void(const std::variant<std::string, Problem>& started)>;
  /// Called at the end of an operation; `failure` says why it was not possible.
  using Then = std::function<void(const std::optional<Problem>& failure)>;
  /// Called with the final state of a task.
  using Ended = std::function<void(const TaskState& end)>;
  /// Called at the end of every task that this gateway has taken, with the task's id, final state and duration.
  using Finished = std::function<void(const std::string& id, const TaskState& state, Microseconds time)>;
  using Watcher = std::function<void(const std::string& id, const TaskState& state)>;
  /// Ends the watching when it goes.
  using Watch = std::shared_ptr<const Watcher>;

  virtual ~Tasks() = default;

  /// Starts a task. It is refused as disconnected, too_large, overloaded or store_failed.
  virtual void submit(Submission submission, Started then) = 0;
  /// Looks for tasks. Within `then`, `find` and `watch` know those that exist.
  virtual void load(const std::vector<std::string>& ids, Then then) = 0;
  /// The present state; null for a task that is unknown, or forgotten. Valid until the next call.
  [[nodiscard]] virtual const TaskState* find(const std::string& id) const = 0;
  /// Ends a task that is not finished as `cancelled`, and forgets one that is. Within `then`, `find` knows the first.
  virtual void cancel(const std::string& id, Then then) = 0;
  /// Calls `watcher` at every change of the task's state, until the final one.
  [[nodiscard]] virtual Watch watch(const std::string& id, Watcher watcher) = 0;
  /// Completes a final state by the picture's bytes, where they are elsewhere. Without them, the end is a problem.
  virtual void fetch(const TaskState& end, Ended then) = 0;
};

}  // namespace inpaintd::gateway
