// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"

namespace inpaintd {

/// One response.
struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
};

/// The handler of GET and HEAD on one path, such as "/metrics". The server calls `answer` on its own threads, several
/// of them at a time. An exception becomes a response 500 with its text.
struct HttpRoute {
  std::string path;
  std::function<HttpResponse()> answer;
};

/// A small HTTP/1.1 server for monitoring: a few fixed paths, no request bodies, no files. Every other path gets a 404,
/// every other method a 405. The destructor stops the server and waits for handlers that run.
class HttpServer {
 public:
  /// Starts to listen on `address`, a numeric HOST:PORT such as "127.0.0.1:9464" or "[::1]:9464"; port 0 means any free
  /// port. Errors: internal, with the address in the message.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& address, std::vector<HttpRoute> routes);
  ~HttpServer();

  /// The port that the server listens on.
  [[nodiscard]] int port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd
