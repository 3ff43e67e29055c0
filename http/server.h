// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "core/result.h"
#include "http/event_loop.h"
#include "http/message.h"
#include "http/problem.h"

namespace inpaintd {

/// The program behind a server, which answers the requests. Called on the event loop.
class HttpService {
 public:
  virtual ~HttpService() = default;
  /// Looks at a request without its body: answers it at once, or says how many bytes of body may be read.
  virtual std::variant<HttpReply, std::size_t> admit(const HttpRequest& head) = 0;
  /// Takes a request with its body. The answer may come later.
  virtual void serve(const HttpExchangePtr& exchange) = 0;
  /// The answer to a request that the server itself refuses, in the form that its client expects.
  virtual HttpReply refusal(const HttpRequest& head, const Problem& problem) = 0;
  /// Called for each answer that is about to be sent.
  virtual void answered(const HttpRequest& request, int status) = 0;
};

/// What bounds the work and the memory that clients can cause.
struct HttpLimits {
  std::size_t connections_max = 4096;        ///< more are answered 503 and closed
  std::size_t bodies_bytes_max = 256 << 20;  ///< of all bodies in flight; a request beyond it is answered 429
  std::size_t header_bytes_max = 16 << 10;
  std::chrono::milliseconds header_time{10'000};     ///< for a request's line and headers
  std::chrono::milliseconds idle_time{30'000};       ///< between two requests of a connection
  std::chrono::milliseconds body_start_time{5'000};  ///< a body has this time and its bytes by `body_rate_min`
  std::size_t body_rate_min = 32 << 10;              ///< bytes per second
  std::chrono::milliseconds write_time{30'000};      ///< for a client that does not read its answer
  std::chrono::milliseconds heartbeat{15'000};       ///< between two comments on an event stream

  /// How long after its start the first `bytes` of a body may take.
  [[nodiscard]] std::chrono::milliseconds body_time(std::size_t bytes) const {
    return body_start_time + std::chrono::milliseconds(bytes * 1000 / body_rate_min);
  }
};

struct HttpCounts {
  std::size_t connections = 0;
  std::size_t streams = 0;
  std::size_t body_bytes = 0;
};

/// An HTTP/1.1 server: keep-alive, pipelining, chunked bodies, `Expect: 100-continue`, streams of events. The body of
/// a request is read only when there is room for all of it; its bytes count until the service drops them.
class HttpServer {
 public:
  /// Listens on `address`, a numeric HOST:PORT; port 0 takes any free one. The loop and the service must outlive the
  /// server's last call, that is the end of the loop. Errors: internal, naming the address.
  static Result<std::unique_ptr<HttpServer>> start(EventLoop& loop, const std::string& address, HttpService& service,
                                                   HttpLimits limits);
  ~HttpServer();

  [[nodiscard]] int port() const;
  /// On the loop's thread.
  [[nodiscard]] HttpCounts counts() const;
  /// From now on no connection is accepted, and each one is closed after its answer. On the loop's thread.
  void stop_accepting();
  /// Ends every stream with the event `closing`. On the loop's thread.
  void close_streams();

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace inpaintd
