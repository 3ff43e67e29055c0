// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/common.h>

#include <functional>
#include <memory>
#include <string>

#include "bus/connection.h"
#include "core/ticket.h"
#include "monitoring/metrics.h"

namespace inpaintd {

/// Sends one message to a client's inbox.
using Publish = std::function<Status(const std::string& inbox, Bytes data, const Headers& headers)>;

/// The error for an answer that no message can hold; `why` has the numbers.
Error answer_too_large(const std::string& why);

/// Publishes to the inboxes of clients: adds the trace context, and counts errors and messages that could not be
/// published. Every error that a client gets is sent by this class. Thread safe.
class Outbox {
 public:
  Outbox(Publish publish, std::shared_ptr<Metrics> metrics)
      : publish_(std::move(publish)), metrics_(std::move(metrics)) {}

  /// Publishes `message` to the inbox of `ticket`. Errors: the errors of `Connection::publish`; all but too_large are
  /// logged and counted here.
  Status send(const Ticket& ticket, const std::string& message, Headers headers = {}) const;

  /// Sends the final message of a request that ends without a picture, and logs it at `level`.
  void send_error(const Ticket& ticket, const Error& error,
                  spdlog::level::level_enum level = spdlog::level::info) const;

 private:
  const Publish publish_;
  const std::shared_ptr<Metrics> metrics_;
};

}  // namespace inpaintd
