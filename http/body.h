// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "http/asio.h"
#include "http/connection.h"
#include "http/message.h"
#include "http/problem.h"
#include "http/server.h"

namespace inpaintd {

using HttpParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

/// The bound of the bytes of all bodies that a server has received and that its service has not dropped yet.
class BodyRoom : public std::enable_shared_from_this<BodyRoom> {
 public:
  explicit BodyRoom(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// A place for `bytes`, given back with the last copy of the pointer; null when there is none.
  std::shared_ptr<void> reserve(std::size_t bytes);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
};

/// Reads the body of a request of at most `bytes_max` bytes into `request`. Returns the reason if that is not possible:
/// too_large, overloaded, request_timeout or bad_request.
boost::asio::awaitable<std::optional<Problem>> read_body(HttpConnectionPtr connection, HttpParser& parser,
                                                         HttpRequest& request, std::size_t bytes_max, BodyRoom& room,
                                                         const HttpLimits& limits);

/// Reads and drops the rest of a refused body, as long as a body may take: to close the connection while the client
/// still sends would reset it, and the client would lose the answer.
boost::asio::awaitable<void> discard_body(HttpConnectionPtr connection, const HttpLimits& limits);

}  // namespace inpaintd
