// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/interrupt.h"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>

namespace inpaintd::tools {
namespace {

// A signal handler can reach only globals. Blocking the signals and polling sigpending() would need no global, but some
// libraries (OpenBLAS) start threads before main. These threads do not block the signals, so that a signal would reach
// one of them and end the process.
std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void request_stop(int) { stop_requested = true; }

}  // namespace

Interrupt::Interrupt() {
  struct sigaction action = {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool Interrupt::requested() const { return stop_requested; }

bool pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

InterruptWatch::InterruptWatch(const Interrupt& interrupt) {
  constexpr std::chrono::milliseconds poll{50};
  thread_ = std::jthread([this, &interrupt](const std::stop_token& end) {
    while (!interrupt.requested())
      if (!pause(poll, end)) return;
    stop_.request_stop();
  });
}

}  // namespace inpaintd::tools
