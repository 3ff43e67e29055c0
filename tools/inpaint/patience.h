// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include "bus/connection.h"
#include "core/error.h"
#include "core/time.h"

namespace inpaintd::tools {

/// Repeats operations on the streams of a NATS server that fail because the server is away: for as long as it is away,
/// and for a short time after its return, in which JetStream may not answer yet. Not thread safe. The connection must
/// outlive the object.
class Patience {
 public:
  Patience(Connection& connection, TimePoint deadline, std::stop_token stop)
      : connection_(connection), deadline_(deadline), stop_(std::move(stop)) {}

  /// Calls `operation`, again and again while its error is store_failed for this reason. The last error is returned
  /// after the deadline and after a stop.
  template <class Operation>
  auto operator()(const Operation& operation) -> decltype(operation()) {
    for (;;) {
      const std::uint64_t reconnects = connection_.statistics().reconnects;
      auto result = operation();
      if (result || result.error().code != ErrorCode::store_failed || !wait(reconnects)) return result;
    }
  }

  [[nodiscard]] bool stopped() const { return stop_.stop_requested(); }
  [[nodiscard]] bool late() const { return Clock::now() >= deadline_; }
  [[nodiscard]] TimePoint deadline() const { return deadline_; }
  [[nodiscard]] const std::stop_token& stop() const { return stop_; }

 private:
  /// Waits until another attempt makes sense. Returns false if none does. `reconnects`: before the attempt.
  bool wait(std::uint64_t reconnects);

  Connection& connection_;
  const TimePoint deadline_;
  const std::stop_token stop_;
  TimePoint settled_{};  ///< until then, the server may not be ready
};

}  // namespace inpaintd::tools
