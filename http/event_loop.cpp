// SPDX-License-Identifier: Apache-2.0
#include "http/event_loop.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <future>

#include "http/asio.h"

namespace inpaintd {
namespace {

namespace asio = boost::asio;

void run_until_stopped(asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& failure) {  // of a handler: one request fails, and the program goes on
      spdlog::error("a handler of the event loop failed: {}", failure.what());
    }
  }
}

}  // namespace

EventLoop::EventLoop(int work_threads) : impl_(std::make_unique<Impl>(work_threads)) {
  impl_->thread = std::thread([&context = impl_->context] { run_until_stopped(context); });
}

EventLoop::~EventLoop() { stop(); }

void EventLoop::post(std::function<void()> call) { asio::post(impl_->context, std::move(call)); }

void EventLoop::offload(std::function<void()> work) { asio::post(impl_->pool, std::move(work)); }

void EventLoop::after(std::chrono::milliseconds time, std::function<void()> call) {
  post([this, time, call = std::move(call)]() mutable {
    auto timer = std::make_shared<asio::steady_timer>(impl_->context, time);
    timer->async_wait([timer, call = std::move(call)](boost::system::error_code) { call(); });
  });
}

void EventLoop::run(const std::function<void()>& call) {
  std::promise<void> done;
  post([&] {
    call();
    done.set_value();
  });
  done.get_future().wait();
}

void EventLoop::stop() {
  if (impl_->stopped) return;
  impl_->stopped = true;
  impl_->pool.join();
  impl_->context.stop();
  impl_->thread.join();
}

}  // namespace inpaintd
