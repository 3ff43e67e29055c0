// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "bus/connection.h"

namespace inpaintd {

/// Messages that were published, and the messages that arrive at their own inbox. The connection must outlive the call.
class Call {
 public:
  /// Subscribes to a new inbox, and publishes `data` to `subject` with the inbox as reply subject. Errors: those of
  /// Connection::subscribe and Connection::publish.
  static Result<Call> start(Connection& connection, const std::string& subject, Bytes data,
                            const Headers& headers = {});
  Call(Call&&) noexcept;
  ~Call();

  /// Publishes another message with the same inbox as reply subject. Errors: those of Connection::publish.
  Status publish(const std::string& subject, Bytes data, const Headers& headers = {});

  /// The next message; nothing when none arrives within `wait`. A message may have no_responders(). Errors: internal,
  /// as soon as the server denies the publication or the inbox, which the text names, or the connection has ended.
  Result<std::optional<Message>> next(std::chrono::milliseconds wait);

 private:
  struct State;
  Call(Connection& connection, std::shared_ptr<State> state, std::shared_ptr<void> watch, Subscription subscription);

  Connection* connection_;
  std::shared_ptr<State> state_;  // shared with handlers that may still run
  std::shared_ptr<void> watch_;
  Subscription subscription_;
};

}  // namespace inpaintd
