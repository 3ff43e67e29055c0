// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "bus/connection.h"
#include "bus/wire/wire.h"
#include "core/error.h"
#include "core/request.h"
#include "core/result.h"

/// The client of the service for programs in C++. It follows docs/protocol.md, as the clients in other languages do.
namespace inpaintd {

/// Why there is no picture.
struct ClientError {
  enum class Kind : std::uint8_t {
    service,     ///< the service refused the request or failed; `error` is what it sent
    no_service,  ///< no worker is connected to the NATS server
    connection,  ///< the connection has ended, or the server's permissions forbid the request or its answers
    no_answer,   ///< no answer arrived within the timeout and `answer_grace`
    unreadable,  ///< the answer cannot be decoded
    stopped,     ///< the caller's stop token; the request is cancelled
  };
  Kind kind = Kind::service;
  Error error;

  /// Whether the same request may succeed later.
  [[nodiscard]] bool retryable() const {
    return kind == Kind::no_service || (kind == Kind::service && info(error.code).retryable);
  }
  /// The wire string of the service's error code, or the name of the kind.
  [[nodiscard]] std::string_view code() const;
};

/// A filled picture, with the facts about its computation.
struct FilledPicture {
  wire::Done done;  ///< `image` points into `message`
  Message message;
};

/// Where the service is.
struct ClientOptions {
  ConnectionOptions connection = {.name = "inpaint-client"};
  std::string prefix = "inpaint";  ///< first part of every subject
};

/// How one request is sent.
struct Sending {
  Priority priority = Priority::normal;
  int retries = 4;  ///< further attempts after a retryable error, within the request's timeout
  /// Receives the messages `queued` and `running`, on the caller's thread. Without it, the service sends none.
  std::function<void(const wire::Reply&)> progress = {};
  /// Is told each error that is followed by another attempt, and the time until then.
  std::function<void(const ClientError&, std::chrono::milliseconds)> retrying = {};
  std::stop_token stop = {};  ///< ends the call, and cancels the request
};

/// The time that the client waits after the request's timeout: the service answers when a batch that runs then is done.
inline constexpr std::chrono::milliseconds answer_grace{5'000};

/// A connection to the service. Thread safe: several threads may send requests at the same time.
class Client {
 public:
  /// Connects to the NATS server. Errors: internal, which says what was tried and what to do.
  static Result<std::unique_ptr<Client>> connect(const ClientOptions& options = {});

  /// Sends a request and waits for its picture. `request.timeout` is the time for all attempts (the default is
  /// request_timeout_default), and `request.progress` is ignored. Without an id, every attempt gets a new one.
  Result<FilledPicture, ClientError> inpaint(Request request, const Sending& sending = {});

  /// Cancels a request of this or of another client that no device has started. Errors: internal.
  Status cancel(std::string_view id);

  /// Whether a message of `bytes` bytes is within the limit of the NATS server. Errors: too_large.
  [[nodiscard]] Status check_size(std::size_t bytes) const;

 private:
  Client(std::unique_ptr<Connection> connection, std::string prefix);

  Result<FilledPicture, ClientError> try_once(const Request& request, const Sending& sending,
                                              std::chrono::milliseconds wait);
  Result<FilledPicture, ClientError> stopped(const std::string& id);

  const std::unique_ptr<Connection> connection_;
  const std::string prefix_;
};

}  // namespace inpaintd
