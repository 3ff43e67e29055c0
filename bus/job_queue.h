// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/call.h"
#include "bus/connection.h"
#include "core/request.h"
#include "core/result.h"
#include "core/time.h"

namespace inpaintd {

/// A durable job as the stream gives it to a worker. Until the worker acknowledges it, gives it back, or says nothing
/// for the consumer's `ack_wait`, no other worker gets it.
struct Delivery {
  Message message;
  Priority priority = Priority::normal;
  int count = 1;               ///< how often the stream has given this job to a worker
  std::uint64_t sequence = 0;  ///< of the message in the stream

  /// The subject of its acknowledgement.
  [[nodiscard]] std::string ack() const { return std::string(message.reply()); }
};

/// Whether messages to `subject` acknowledge a message of JetStream.
inline bool is_acknowledgement(std::string_view subject) { return subject.starts_with("$JS.ACK."); }

/// The stream of durable jobs, as a worker pulls from it. Not thread safe, but for the functions that acknowledge.
class JobQueue {
 public:
  /// `prefix` is the first part of the subjects. The connection must outlive the object.
  JobQueue(Connection& connection, std::string prefix) : connection_(connection), prefix_(std::move(prefix)) {}

  /// How long the stream leaves a job to a worker that says nothing (the shortest `ack_wait` of the consumers); nothing
  /// if the stream and its consumers do not exist. Errors: store_failed, when this cannot be known, or when they are
  /// for other subjects than those of `prefix`.
  Result<std::optional<std::chrono::milliseconds>> patience(std::chrono::milliseconds timeout);

  /// The next job: of high priority before normal, and normal before low. Nothing when there was none within `wait`.
  /// Errors: store_failed, when the server denies the pull.
  Result<std::optional<Delivery>> next(std::chrono::milliseconds wait);
  /// A job that the server sent, or still sends, after `next` has returned; nothing when there is none left.
  std::optional<Delivery> remaining();

  /// A message that the stream still has although its consumer has done with it: a server that was killed brings such
  /// messages back, and no worker would ever get them.
  struct Leftover {
    std::uint64_t sequence = 0;
    Priority priority = Priority::normal;
    std::string request;
  };
  /// All of them. Errors: store_failed.
  Result<std::vector<Leftover>> leftovers(std::chrono::milliseconds timeout);
  /// Removes a message from the stream.
  Status remove(const Leftover& leftover, std::chrono::milliseconds timeout);

  /// Says that the job is still being worked on.
  void in_progress(const std::string& ack);
  /// Removes the job from the stream. Errors: store_failed, when the server does not confirm it.
  Status acknowledge(const std::string& ack, std::chrono::milliseconds timeout);
  /// Removes a job that will never be finished.
  Status terminate(const std::string& ack, std::chrono::milliseconds timeout);
  /// Lets another worker have the job after `delay`.
  void give_back(const std::string& ack, std::chrono::milliseconds delay);

 private:
  Status ask(Priority priority, bool wait_there, std::chrono::milliseconds wait);
  Status collect(TimePoint end, const std::function<bool()>& enough);
  void arrived(Message message);
  std::optional<Delivery> take(Priority least);
  Status confirm(const std::string& ack, std::string_view word, std::chrono::milliseconds timeout);

  Connection& connection_;
  const std::string prefix_;
  std::optional<Call> call_;                 ///< all pulls have one inbox
  std::array<TimePoint, 3> polled_until_{};  ///< by priority: until then the server sends the next job by itself
  std::deque<Delivery> arrived_;
  bool empty_ = false;  ///< the server has said that there is no job
};

}  // namespace inpaintd
