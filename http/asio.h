// SPDX-License-Identifier: Apache-2.0
#pragma once

// Boost 1.74: awaitable.hpp uses std::exchange without including <utility>.
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <memory>
#include <thread>

#include "http/event_loop.h"

/// The one place that includes Boost, for the sources that use it.
namespace inpaintd {

/// How Asio tells that an operation failed. (`error_code` is a function of core/error.h.)
using IoError = boost::system::error_code;

class EventLoop::Impl {
 public:
  explicit Impl(int work_threads) : pool(static_cast<std::size_t>(work_threads)) {}

  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
  boost::asio::thread_pool pool;
  std::thread thread;
  bool stopped = false;
};

}  // namespace inpaintd
