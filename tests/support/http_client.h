// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/http_get.h"

namespace inpaintd::test {

/// A connection to 127.0.0.1, in plain sockets: the tests must not trust the library that they test.
class HttpSocket {
 public:
  explicit HttpSocket(int port);
  ~HttpSocket();
  HttpSocket(HttpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HttpSocket& operator=(HttpSocket&&) = delete;

  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  /// False when the other side has closed.
  bool send(std::string_view bytes) const;
  /// What has come, waiting for at least one byte; empty at the end, or after ten minutes.
  [[nodiscard]] std::string read() const;
  /// All until the other side closes.
  [[nodiscard]] std::string read_all() const;

 private:
  int fd_;
};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

/// The bytes of a request that closes its connection.
std::string http_request(const std::string& method, const std::string& target, const std::string& body = "",
                         const HeaderLines& headers = {});
/// Sends bytes, and reads until the server closes.
HttpAnswer http_exchange(int port, const std::string& bytes);
/// The value of a header in an answer's headers; empty when it is not there.
std::string header_in(const HttpAnswer& answer, const std::string& name);

/// One event of a stream.
struct ServerEvent {
  std::string id, kind, data;
};

/// A client of server-sent events.
class EventClient {
 public:
  EventClient(int port, const std::string& target, const std::string& last_id = "");

  /// The answer's status; reads its headers.
  int status();
  /// The next event; nothing when the stream has ended.
  std::optional<ServerEvent> next();
  /// Every event until the end.
  std::vector<ServerEvent> all();

 private:
  bool fill();
  std::optional<std::string> line();

  HttpSocket socket_;
  std::string raw_;   // with its frames
  std::string text_;  // without
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace inpaintd::test
