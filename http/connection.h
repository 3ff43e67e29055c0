// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

#include "core/job.h"
#include "http/asio.h"

namespace inpaintd {

/// Completes an asynchronous operation of a coroutine; an error goes into `failure` instead of an exception.
inline auto into(IoError& failure) { return boost::asio::redirect_error(boost::asio::use_awaitable, failure); }

/// One client's connection, with the one timer that limits whatever the connection waits for.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Buffers = std::array<boost::asio::const_buffer, 2>;

  explicit HttpConnection(Socket accepted) : socket(std::move(accepted)), timer_(socket.get_executor()) {}

  Socket socket;
  boost::beast::flat_buffer buffer;
  bool fresh = true;  ///< no request came yet
  bool idle = false;  ///< waits for the first byte of a request
  bool timed_out = false;

  /// Cancels what the socket waits for when `time` has passed.
  void limit(Clock::duration time);
  void no_limit() { timer_.cancel(); }

  /// Waits until `wake` is called, at most for `time`. False when the time is over.
  boost::asio::awaitable<bool> sleep(std::chrono::milliseconds time);
  void wake() {
    if (sleeping_) timer_.cancel();
  }

  /// Sends all of `buffers`; the socket may take `piece_time` for each piece, so that a large picture may take longer
  /// on a slow line. False when that failed.
  boost::asio::awaitable<bool> write(Buffers buffers, std::chrono::milliseconds piece_time);

  void close();

 private:
  boost::asio::steady_timer timer_;
  bool sleeping_ = false;
};
using HttpConnectionPtr = std::shared_ptr<HttpConnection>;

}  // namespace inpaintd
