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
#include "gateway/problem.h"
#include "gateway/tasks/submission.h"

namespace inpaintd::gateway {

/// A finished picture: the worker's last message, and the owner of the bytes that its `image` points to.
struct TaskPicture : wire::Done {
  std::shared_ptr<const void> owner;
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

/// The tasks of a gateway. The id of a task, 128 random bits in 32 hexadecimal digits, is the permission to read and to
/// cancel the task. Used on one thread.
class Tasks {
 public:
  using Watcher = std::function<void(const std::string& id, const TaskState& state)>;
  /// Ends the watching when it goes.
  using Watch = std::shared_ptr<const Watcher>;

  virtual ~Tasks() = default;

  /// Starts a task; its id, or why there is none: disconnected, too_large, overloaded.
  virtual std::variant<std::string, Problem> submit(Submission submission) = 0;
  /// The present state; null for a task that is unknown, or forgotten. Valid until the next call.
  [[nodiscard]] virtual const TaskState* find(const std::string& id) const = 0;
  /// Ends a task that is not finished as `cancelled`, and forgets one that is. False when the task is unknown.
  virtual bool cancel(const std::string& id) = 0;
  /// Calls `watcher` at every change of the task's state, until the final one.
  [[nodiscard]] virtual Watch watch(const std::string& id, Watcher watcher) = 0;
};

}  // namespace inpaintd::gateway
