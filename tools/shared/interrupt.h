// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

namespace inpaintd::tools {

/// After construction, the first SIGINT (Ctrl-C) or SIGTERM sets a flag, which loops poll with requested(). The second
/// signal of the same kind ends the process at once.
class Interrupt {
 public:
  Interrupt();
  [[nodiscard]] bool requested() const;
};

/// Waits for `time`. Returns false as soon as `stop` is requested.
bool pause(std::chrono::milliseconds time, const std::stop_token& stop);

/// Requests a stop when the program is interrupted. A signal handler may only set a flag, so a thread polls it.
/// `interrupt` must outlive the object.
class InterruptWatch {
 public:
  explicit InterruptWatch(const Interrupt& interrupt);
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace inpaintd::tools
