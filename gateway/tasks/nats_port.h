// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "bus/connection.h"
#include "core/result.h"
#include "gateway/tasks/large_pictures.h"
#include "gateway/tasks/requester.h"
#include "http/event_loop.h"

namespace inpaintd::gateway {

/// The gateway's side of NATS: one connection, and one subscription `<inbox>.*` for the answers to all requests; the
/// last part of an answer's subject is the token of its attempt. Messages are encoded and sent beside the event loop,
/// and answers arrive on it.
class NatsPort : public RequestPort {
 public:
  /// `prefix`: the first part of the service's subjects. A server that is not there yet is waited for. The work of
  /// `store` is to move pictures to and from the object store. Errors: internal, in words.
  static Result<std::unique_ptr<NatsPort>> open(ConnectionOptions options, std::string prefix, Loop& loop, Loop& store);
  ~NatsPort() override;

  /// From now on answers and events go to `requester`. On the loop's thread, or before anything is sent.
  void attach(Requester& requester);
  /// Ends the connection. Nothing is posted to the loop afterwards. Not to be called while the loop's work runs.
  void close();

  std::string new_token() override { return unique_id(); }
  void publish(const std::string& token, std::shared_ptr<const Submission> submission,
               std::chrono::milliseconds timeout, bool stored) override;
  [[nodiscard]] bool can_store() const override;
  void cancel(const std::string& token) override;
  [[nodiscard]] bool connected() const override;
  [[nodiscard]] std::string subject(Priority priority) const override;

  /// The connection, which other parts of the gateway may use until `close`.
  [[nodiscard]] std::shared_ptr<Connection> connection() const { return connection_; }

  /// The largest number of bytes of a request; 0: not known yet.
  [[nodiscard]] std::size_t request_max() const;
  /// True when the server has refused the credentials, or the subscription to the answers, for good: the program must
  /// be started again.
  [[nodiscard]] bool given_up() const;
  /// Whether a worker answers a ping of service discovery in time. Blocks; not for the loop's thread.
  [[nodiscard]] bool worker_answers(std::chrono::milliseconds timeout) const;

 private:
  struct Sink;
  NatsPort(std::string prefix, Loop& loop, Loop& store, std::shared_ptr<Sink> sink);

  const std::string prefix_;
  Loop& loop_;
  Loop& store_;
  const std::shared_ptr<Sink> sink_;
  std::shared_ptr<Connection> connection_;  // shared with work that is still to be done
  std::shared_ptr<LargePictures> large_;    // the same
  std::string inbox_;
  std::shared_ptr<void> denials_;
  std::optional<Subscription> subscription_;
};

}  // namespace inpaintd::gateway
