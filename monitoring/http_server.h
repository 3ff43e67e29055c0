// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"

namespace inpaintd {

struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
};

/// What answers GET (and HEAD) on one path, such as "/metrics". Called on threads of the server, several at a time.
struct HttpRoute {
  std::string path;
  std::function<HttpResponse()> answer;
};

/// A small HTTP/1.1 server for machines that look after the service: a few fixed paths, no request bodies, no files.
/// Every other path is answered 404, every other method 405. It ends, and waits for running answers, with the object.
class HttpServer {
 public:
  /// Listens on `address`, a numeric HOST:PORT such as "127.0.0.1:9464" or "[::1]:9464"; port 0 takes any free one.
  /// Errors: internal, naming the address.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& address, std::vector<HttpRoute> routes);
  ~HttpServer();

  [[nodiscard]] int port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd
