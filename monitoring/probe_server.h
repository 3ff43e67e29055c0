// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "http/message.h"

namespace inpaintd {

/// The handler of GET and HEAD on one path, such as "/metrics". The server calls `answer` on threads of its own,
/// several at a time. An exception becomes an answer 500 with its text.
struct Probe {
  std::string path;
  std::function<HttpReply()> answer;
};

/// The HTTP server of a worker: a few fixed paths, no request bodies, no files. Every other path is answered 404, and
/// every other method 405. The destructor stops the server and waits for handlers that run.
class ProbeServer {
 public:
  /// Listens on `address`, a numeric HOST:PORT such as "127.0.0.1:9464" or "[::1]:9464"; port 0 takes any free port.
  /// Errors: internal, with the address in the message.
  static Result<std::unique_ptr<ProbeServer>> start(const std::string& address, std::vector<Probe> probes);
  ~ProbeServer();

  /// The port that the server listens on.
  [[nodiscard]] int port() const;

 private:
  class Impl;
  explicit ProbeServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd
