// SPDX-License-Identifier: Apache-2.0
#include "http/body.h"

#include <fmt/format.h>

#include <boost/beast/http/error.hpp>
#include <string_view>

#include "http/header_value.h"

namespace inpaintd {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t piece_bytes = 64 << 10;       // of a body, for one read
constexpr std::size_t unread_bytes_max = 64 << 20;  // of a refused body

}  // namespace

std::shared_ptr<void> BodyRoom::reserve(std::size_t bytes) {
  if (bytes_ + bytes > bytes_max_) return nullptr;
  bytes_ += bytes;
  return std::shared_ptr<void>(this,  // not null: a null pointer means that there is no room
                               [self = shared_from_this(), bytes](void*) { self->bytes_ -= bytes; });
}

asio::awaitable<std::optional<Problem>> read_body(HttpConnectionPtr connection, HttpParser& parser,
                                                  HttpRequest& request, std::size_t bytes_max, BodyRoom& room,
                                                  const HttpLimits& limits) {
  const auto length = parser.content_length();
  const Problem too_large =
      problem(ErrorCode::too_large, fmt::format("the body has more than {} bytes; send a smaller picture", bytes_max));
  if (length && *length > bytes_max) co_return too_large;
  // The length of a chunked body is not known: it counts as the largest.
  request.body_place = room.reserve(length ? static_cast<std::size_t>(*length) : bytes_max);
  if (!request.body_place)
    co_return problem(Error{ErrorCode::overloaded, "the server receives as many bytes as it may; try again soon", 1s});

  IoError failure;
  if (lower_case(request.header("expect")) == "100-continue") {
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(connection->socket, asio::buffer(text), into(failure));
  }
  if (length) request.body.reserve(static_cast<std::size_t>(*length));
  const auto piece = std::make_unique<char[]>(piece_bytes);
  const TimePoint start = Clock::now();
  while (!parser.is_done() && !failure) {
    auto& place = parser.get().body();
    place.data = piece.get();
    place.size = piece_bytes;
    connection->limit(start + limits.body_time(request.body.size() + piece_bytes) - Clock::now());
    co_await boost::beast::http::async_read(connection->socket, connection->buffer, parser, into(failure));
    if (failure == boost::beast::http::error::need_buffer) failure = {};
    request.body.append(piece.get(), piece_bytes - place.size);
    if (request.body.size() > bytes_max) break;
  }
  connection->no_limit();
  if (request.body.size() > bytes_max) co_return too_large;
  if (connection->timed_out)
    co_return request_timeout(
        fmt::format("the body came with less than {} bytes per second; use a faster connection", limits.body_rate_min));
  if (failure) co_return problem(ErrorCode::bad_request, "the body is cut off or malformed; send all of it");
  if (!length && request.body.size() < bytes_max) {
    request.body_place.reset();
    request.body_place = room.reserve(request.body.size());
  }
  co_return std::nullopt;
}

asio::awaitable<void> discard_body(HttpConnectionPtr connection, const HttpLimits& limits) {
  IoError failure;
  connection->socket.shutdown(HttpConnection::Socket::shutdown_send, failure);
  const auto piece = std::make_unique<char[]>(piece_bytes);
  const TimePoint start = Clock::now();
  for (std::size_t read = 0; read < unread_bytes_max && !failure;) {
    connection->limit(start + limits.body_time(read) - Clock::now());
    const std::size_t now =
        co_await connection->socket.async_read_some(asio::buffer(piece.get(), piece_bytes), into(failure));
    read += now;
  }
  connection->no_limit();
}

}  // namespace inpaintd
