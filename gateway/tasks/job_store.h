// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bus/connection.h"
#include "bus/jobs.h"
#include "bus/key_value.h"
#include "bus/object_store.h"
#include "core/result.h"
#include "gateway/tasks/submission.h"
#include "gateway/tasks/tasks.h"

namespace inpaintd::gateway {

/// Tasks as JetStream keeps them: the task ID is the durable job `web.ID` (docs/protocol.md), and its pictures are
/// objects. Thread safe; all functions wait for the NATS server.
///
/// Errors: store_failed, as those of Jobs and ObjectStore.
class JobStore {
 public:
  /// `prefix` is the first part of the subjects.
  JobStore(std::shared_ptr<Connection> connection, const std::string& prefix);

  /// The hints about the ends of all tasks have this subject; their bodies are states.
  [[nodiscard]] std::string ends_subject() const;
  /// The task that the subject of a hint names.
  [[nodiscard]] static std::string task_of(std::string_view subject);

  /// Whether the buckets of inpaint-setup exist. Errors: this cannot be known: there is no JetStream, or no permission.
  Result<bool> exists();

  /// Stores the pictures that are not sent in the job's message, then the job. After an error nothing is left, as far
  /// as the server can be reached.
  Status submit(const std::string& id, const Submission& submission, std::chrono::milliseconds timeout);

  struct Seen {
    TaskState state;
    std::uint64_t revision = 0;  ///< 0: not known
  };
  /// The state of a task; nothing for one that is unknown or whose result was removed.
  Result<std::optional<Seen>> look(const std::string& id);
  /// The state in the body of a hint.
  Result<std::optional<Seen>> read(const std::string& id, Bytes hint);
  /// Ends a task that has not ended, with this error; its state afterwards.
  Result<std::optional<Seen>> end(const std::string& id, const Error& why);
  /// Ends a task that has not ended as cancelled, and forgets a task that a worker has ended. Its state afterwards;
  /// nothing for a task that is forgotten.
  Result<std::optional<Seen>> cancel(const std::string& id);
  /// The picture of a task that is done.
  Result<std::string> picture(const TaskPicture& done);

 private:
  /// `state` as a task's state; nothing if its result was removed.
  Result<std::optional<Seen>> seen(const Jobs::State& state);
  Status store(const std::string& id, const Submission& submission, std::chrono::milliseconds timeout);
  Status forget(const std::string& id);
  void remove_inputs(const std::string& id);

  const std::shared_ptr<Connection> connection_;
  const std::string prefix_;
  Jobs jobs_;
  KeyValue states_;
  ObjectStore pictures_;
};

}  // namespace inpaintd::gateway
