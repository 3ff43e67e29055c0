// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <algorithm>

namespace inpaintd {
namespace {

namespace asio = boost::asio;

}  // namespace

void HttpConnection::limit(Clock::duration time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](IoError failure) {
    if (failure || self->timer_.expiry() > Clock::now()) return;
    self->timed_out = true;
    IoError ignored;
    self->socket.cancel(ignored);
  });
}

asio::awaitable<bool> HttpConnection::sleep(std::chrono::milliseconds time) {
  IoError woken;
  sleeping_ = true;
  timer_.expires_after(time);
  co_await timer_.async_wait(into(woken));
  sleeping_ = false;
  co_return bool(woken);
}

asio::awaitable<bool> HttpConnection::write(Buffers buffers, std::chrono::milliseconds piece_time) {
  IoError failure;
  timed_out = false;
  const std::size_t first = buffers[0].size(), all = first + buffers[1].size();
  for (std::size_t sent = 0; sent < all && !failure;) {
    limit(piece_time);
    const Buffers left{buffers[0] + sent, buffers[1] + (sent - std::min(sent, first))};
    const std::size_t now = co_await socket.async_write_some(left, into(failure));
    sent += now;
  }
  no_limit();
  co_return !failure;
}

void HttpConnection::close() {
  IoError ignored;
  socket.close(ignored);
}

}  // namespace inpaintd
