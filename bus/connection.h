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
  std::string url = "nats://127.0.0.1:4222";  ///< several, separated by commas: a cluster
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
  std::chrono::milliseconds connect_timeout{2000};
  bool retry_first_connect = false;  ///< a server that is not there yet is waited for
  std::int64_t reconnect_buffer_bytes = 8 << 20;
  int pending_max = 4096;  ///< messages that may wait for one subscription's handler; more are dropped
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A received message; owns its bytes, cheap to move, may be dropped on any thread.
class Message {
 public:
  class Impl;  // natsMsg
  explicit Message(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  [[nodiscard]] std::string_view subject() const;
  [[nodiscard]] std::string_view reply() const;  ///< empty when nobody waits for an answer
  [[nodiscard]] Bytes data() const;
  [[nodiscard]] std::string header(const std::string& key) const;  ///< empty when absent
  /// True for the server's own answer that nobody subscribes to the subject.
  [[nodiscard]] bool no_responders() const;

 private:
  std::shared_ptr<Impl> impl_;
};

/// A subscription; ends with the object.
class Subscription {
 public:
  class Impl;
  explicit Subscription(std::unique_ptr<Impl> impl);
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

  /// From now on takes no new messages; the handler still sees those already here, at most for `timeout`. Returns at
  /// once, so that many subscriptions can be drained at the same time.
  void start_drain(std::chrono::milliseconds timeout);
  /// Waits until the handler has seen the last message after `start_drain`.
  void wait_drained(std::chrono::milliseconds timeout);
  /// Messages lost here because the handler was too slow.
  [[nodiscard]] std::int64_t dropped() const;

 private:
  std::unique_ptr<Impl> impl_;
};

struct ConnectionEvents {
  std::function<void()> disconnected;
  std::function<void(const std::string& url)> reconnected;  ///< also a first connect that was waited for
  std::function<void()> given_up;  ///< refused twice by the server: this connection will not come back
  std::function<void(const std::string& what)> error;  ///< slow consumer, permission violation, ...
};

/// A NATS connection that reconnects for ever. Thread safe. Handlers run on threads of the NATS library and must
/// return soon; they may still be called briefly after the object is gone (captured state must be shared).
class Connection {
 public:
  class Impl;
  using Handler = std::function<void(Message)>;

  /// Errors: internal, saying what was tried and what to do.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options, ConnectionEvents events = {});
  explicit Connection(std::unique_ptr<Impl> impl);
  ~Connection();

  /// With a non-empty `queue_group` each message goes to one member only.
  Result<Subscription> subscribe(const std::string& subject, const std::string& queue_group, Handler handler);

  /// Errors: too_large (names the server's limit), internal.
  Status publish(const std::string& subject, Bytes data, const Headers& headers = {}, const std::string& reply = {});

  /// One request, one reply. Errors: internal with "no responders" in words, deadline_exceeded, too_large.
  Result<Message> request(const std::string& subject, Bytes data, std::chrono::milliseconds timeout);

  /// Waits until the server has all that was published.
  Status flush(std::chrono::milliseconds timeout);

  [[nodiscard]] std::string new_inbox() const;
  [[nodiscard]] std::int64_t max_payload() const;  ///< bytes; 0 before the first connect
  [[nodiscard]] bool connected() const;
  [[nodiscard]] std::string connected_url() const;

  struct Statistics {
    std::uint64_t in_messages = 0, in_bytes = 0, out_messages = 0, out_bytes = 0, reconnects = 0;
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// 22 characters [0-9A-Za-z], never the same again (a NUID): for service instances and requests without an id.
std::string unique_id();

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace inpaintd
