// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/wire/wire.h"
#include "core/job.h"
#include "gateway/tasks/submission.h"
#include "gateway/tasks/tasks.h"

namespace inpaintd::gateway {

/// What the requester needs of NATS. A token names one attempt; it is the last part of the attempt's inbox, and part of
/// the request's id.
class RequestPort {
 public:
  virtual ~RequestPort() = default;
  /// A token that was never used before.
  virtual std::string new_token() = 0;
  /// Sends a request whose answers carry `token`. With `stored`, or if no message holds the request, its pictures and
  /// its answer go through the object store. A failure is reported by Requester::publish_failed, later.
  virtual void publish(const std::string& token, std::shared_ptr<const Submission> submission,
                       std::chrono::milliseconds timeout, bool stored) = 0;
  /// Whether there is an object store for pictures that no message can hold.
  [[nodiscard]] virtual bool can_store() const = 0;
  /// Tells the workers that the request of `token` is not wanted any more.
  virtual void cancel(const std::string& token) = 0;
  [[nodiscard]] virtual bool connected() const = 0;
  /// Where requests of this priority go.
  [[nodiscard]] virtual std::string subject(Priority priority) const = 0;
};

/// How long to wait before the try after `attempt` (counted from 0) failed; nothing when another try would fail alike.
using RetryPolicy = std::function<std::optional<std::chrono::milliseconds>(const Error& error, int attempt)>;

struct RequesterSettings {
  int retries_max = 3;  ///< tries after the first one
  /// How long after its deadline a request may still be answered: workers answer when the batch that runs is done.
  std::chrono::milliseconds grace{5000};
  /// How long after a new connection open requests are sent again: first the workers' kept answers may come.
  std::chrono::milliseconds resend_after{1000};
};

/// Asks the workers for pictures until each task has ended, exactly once: in a picture, or in a problem.
///
/// A retryable error is tried again, as long as the task's deadline allows. When the connection comes back, every open
/// request is sent once more, because its answer may be lost; workers compute identical requests once. A request whose
/// answer does not fit into a message is sent again with an answer in the object store, if there is one. A picture
/// ends its task whichever attempt it answers; an error counts only for the last attempt. A task without an answer
/// ends as `deadline_exceeded` when deadline and grace are over: its worker is gone. Used on one thread; the caller
/// brings the time.
class Requester {
 public:
  /// Called at every change of a task.
  using Listener = std::function<void(const std::string& id, TaskState state)>;

  Requester(RequestPort& port, RetryPolicy retry, Listener listener, RequesterSettings settings);

  void ask(const std::string& id, std::shared_ptr<const Submission> submission, std::chrono::milliseconds timeout,
           TimePoint now);
  /// Ends the task as `cancelled`, if it is open.
  void cancel(const std::string& id);

  /// An answer; `owner` keeps the bytes that it points to.
  void answered(const std::string& token, const wire::Reply& reply, std::shared_ptr<const void> owner, TimePoint now);
  void no_responders(const std::string& token, TimePoint now);
  /// The server forbids publishing to `subject`: every open task that is sent there ends.
  void denied(const std::string& subject, const Error& error);
  void publish_failed(const std::string& token, const Error& error, TimePoint now);

  void disconnected();
  void connected(TimePoint now);
  /// Sends what is due and ends what is overdue; to be called every few hundredths of a second.
  void tick(TimePoint now);

  [[nodiscard]] std::size_t open() const { return tasks_.size(); }

 private:
  struct Task {
    std::shared_ptr<const Submission> submission;
    TimePoint deadline;
    int attempt = 0;                    ///< that failed
    std::string token;                  ///< of the last try
    std::vector<std::string> tokens;    ///< of all tries
    std::optional<TimePoint> next_try;  ///< set while the task waits for another try
    bool stored = false;                ///< the answer did not fit into a message: it goes through the object store
    bool resent = false;                ///< the last try repeats one that may have been lost
  };
  using Entry = std::unordered_map<std::string, Task>::iterator;

  Entry find(const std::string& token);
  [[nodiscard]] bool is_current(Entry entry, const std::string& token) const;
  void send(Entry entry, TimePoint now);
  /// Tries again where `error` and the deadline allow it; else the task ends with `last`.
  void fail(Entry entry, const Error& error, Problem last, TimePoint now);
  void end(Entry entry, TaskState state);

  RequestPort& port_;
  const RetryPolicy retry_;
  const Listener listener_;
  const RequesterSettings settings_;
  std::unordered_map<std::string, Task> tasks_;            // open, by id
  std::unordered_map<std::string, std::string> of_token_;  // ids
};

}  // namespace inpaintd::gateway
