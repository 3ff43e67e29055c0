// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace inpaintd {

/// How to reach NATS. Empty strings mean "not used".
struct ConnectionOptions {
  std::string url = "nats://127.0.0.1:4222";  ///< one or more, as parse_server_urls reads them
  std::string name = "inpaintd";              ///< shown in the server's monitoring
  std::string user;
  std::string password;
  std::string token;
  std::string nkey_seed_file;
  std::string credentials_file;
  std::string tls_ca_file;
  std::string tls_cert_file;
  std::string tls_key_file;
  bool tls = false;
  std::string inbox_prefix;  ///< instead of _INBOX
  std::chrono::milliseconds connect_timeout{10000};
  bool retry_first_connect = false;  ///< `open` succeeds without a server and keeps trying to connect
  std::int64_t reconnect_buffer_bytes = 8 << 20;
  int pending_max = 4096;  ///< messages that may wait for the handler of one subscription; more are dropped

  friend bool operator==(const ConnectionOptions&, const ConnectionOptions&) = default;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A received message. It owns its bytes, is cheap to copy and to move, and may be destroyed on any thread.
class Message {
 public:
  class Impl;  // natsMsg
  explicit Message(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  [[nodiscard]] std::string_view subject() const;
  [[nodiscard]] std::string_view reply() const;  ///< empty when the sender does not wait for an answer
  [[nodiscard]] Bytes data() const;
  /// Keeps the bytes of `data` for longer than the message.
  [[nodiscard]] std::shared_ptr<const void> owner() const { return impl_; }
  [[nodiscard]] std::string header(const std::string& key) const;  ///< empty when absent
  [[nodiscard]] Headers headers() const;                           ///< the first value of each
  /// True when the server itself answered that the subject has no subscriber.
  [[nodiscard]] bool no_responders() const;

 private:
  std::shared_ptr<Impl> impl_;
};

/// A subscription. It ends with the object.
class Subscription {
 public:
  class Impl;
  explicit Subscription(std::unique_ptr<Impl> impl);
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  /// Stops taking new messages. The handler still receives the messages that have arrived, for at most `timeout`.
  /// Returns at once, so that many subscriptions can be drained at the same time.
  void start_drain(std::chrono::milliseconds timeout);
  /// Waits, after `start_drain`, until the handler has returned from the last message.
  void wait_drained(std::chrono::milliseconds timeout);
  /// The number of messages that were dropped because the handler was too slow.
  [[nodiscard]] std::int64_t dropped() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// An operation that the server denies to the connection's user. The server tells it after the operation.
struct Denial {
  enum class Operation : std::uint8_t { publish, subscribe, connect };
  Operation operation = Operation::publish;
  std::string subject;  ///< of `connect`, after which the connection has ended: the reason in words

  /// What is forbidden, and what to do about it.
  [[nodiscard]] std::string message() const;

  friend bool operator==(const Denial&, const Denial&) = default;
};

/// What happens to a connection. Each function may be empty, and is called on a thread of the NATS library.
struct ConnectionEvents {
  std::function<void(const std::string& reason)> disconnected;  ///< `reason` is empty when the server gave none
  std::function<void(const std::string& url)> reconnected;      ///< also for the first connect of `retry_first_connect`
  std::function<void()> given_up;                               ///< the server refused twice; the connection has ended
  std::function<void(const std::string& what)> error;           ///< slow consumer, denial, ...
};

/// A NATS connection that reconnects without a limit of attempts. Thread safe. Handlers run on threads of the NATS
/// library and must return soon. A handler may still be called briefly after the connection was destroyed, so that the
/// state it captures must be shared.
class Connection {
 public:
  class Impl;
  using Handler = std::function<void(Message)>;

  /// Connects. Errors: internal, which says what was tried and what to do.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options, ConnectionEvents events = {});
  explicit Connection(std::unique_ptr<Impl> impl);
  ~Connection();

  /// Calls `handler` with each message on `subject`. With a non-empty `queue_group`, each message goes to one member of
  /// the group only. Errors: internal.
  Result<Subscription> subscribe(const std::string& subject, const std::string& queue_group, Handler handler);

  /// Sends a message, without waiting for the server. Errors: too_large (the message's size and the server's
  /// limit; what to do depends on the message), internal.
  Status publish(const std::string& subject, Bytes data, const Headers& headers = {}, const std::string& reply = {});

  /// Sends a request and waits for the first message that answers it, from whatever service. Errors:
  /// deadline_exceeded, too_large, internal (with "no responders" when the subject has no subscriber; and a denial).
  Result<Message> request(const std::string& subject, Bytes data, std::chrono::milliseconds timeout);

  /// Waits until the server has received everything that was published. Errors: internal.
  Status flush(std::chrono::milliseconds timeout);
  /// Waits until the server has seen the subscription to `subject`, the last operation before this call. Errors:
  /// internal: the server denies the subscription, or does not answer in time.
  Status confirm_subscription(const std::string& subject, std::chrono::milliseconds timeout);

  /// Calls `watcher` with each denial from now on, on a thread of the NATS library, until the returned object ends.
  [[nodiscard]] std::shared_ptr<void> watch_denials(std::function<void(const Denial&)> watcher);

  /// A new subject for replies.
  [[nodiscard]] std::string new_inbox() const;
  [[nodiscard]] std::int64_t max_payload() const;  ///< bytes; 0 before the first connect
  [[nodiscard]] bool connected() const;
  [[nodiscard]] bool closed() const;                ///< the server refused the user twice; nothing connects again
  [[nodiscard]] std::string connected_url() const;  ///< without credentials
  [[nodiscard]] std::string servers() const;        ///< all that the options name, without credentials
  /// Why the connection is not there, in words, with the servers' URLs.
  [[nodiscard]] std::string last_error() const;

  struct Statistics {
    std::uint64_t in_messages = 0, in_bytes = 0, out_messages = 0, out_bytes = 0, reconnects = 0;
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// A NUID: 22 characters [0-9A-Za-z] that are never repeated. For service instances and for requests without an id.
std::string unique_id();

}  // namespace inpaintd
