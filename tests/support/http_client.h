// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/http_get.h"

namespace inpaintd::test {

/// A connection to 127.0.0.1 with plain sockets, because a test must not depend on the HTTP library under test.
class HttpSocket {
 public:
  explicit HttpSocket(int port);
  ~HttpSocket();
  HttpSocket(HttpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HttpSocket& operator=(HttpSocket&&) = delete;

  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  /// Sends bytes. Returns false when the server has closed the connection.
  bool send(std::string_view bytes) const;
  /// Receives at least one byte. Returns an empty text at the end, or after ten minutes.
  [[nodiscard]] std::string read() const;
  /// Receives everything until the server closes the connection.
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
/// The value of a header of an answer; empty for a missing header.
std::string header_in(const HttpAnswer& answer, const std::string& name);

/// One event of a stream.
struct ServerEvent {
  std::string id, kind, data;
};

/// A client of server-sent events.
class EventClient {
 public:
  EventClient(int port, const std::string& target, const std::string& last_id = "");

  /// Reads the headers of the answer, and returns its status.
  int status();
  /// Reads the next event; returns nothing when the stream has ended.
  std::optional<ServerEvent> next();
  /// Reads all events until the end of the stream.
  std::vector<ServerEvent> all();

 private:
  bool fill();
  std::optional<std::string> line();

  HttpSocket socket_;
  std::string raw_;   // received bytes, with the frames of chunks
  std::string text_;  // the same without frames
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace inpaintd::test
