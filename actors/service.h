// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "core/result.h"
#include "monitoring/health_board.h"
#include "monitoring/metrics.h"

namespace inpaintd {

using StopRequested = std::function<bool()>;

/// The whole service: connection, actors, subscriptions; in one object, so that a program or a test can run several.
class Service {
 public:
  /// Loads the model on every device, connects, and subscribes once a device is ready. Errors say which of these
  /// failed and what to do. `version` is shown in service discovery.
  /// While the model loads `stop_requested` is asked again and again; once it says true, start ends with shutting_down.
  static Result<std::unique_ptr<Service>> start(const Config& config, const std::string& version,
                                                const StopRequested& stop_requested = {});

  /// Ends as `drain` does, if that was not called.
  ~Service();

  /// Takes no new requests, answers those it has (what is not done within `drain_timeout` as shutting_down), and
  /// leaves nothing behind. Returns the number of requests that had to be abandoned.
  std::size_t drain();

  /// True once the NATS server has refused us for good: nothing will come in any more, and a restart is due.
  [[nodiscard]] bool cut_off() const;
  [[nodiscard]] bool connected() const;
  /// Whether the NATS server has seen the subscriptions. Waits for its answer, at most a second.
  [[nodiscard]] bool confirm_subscriptions() const;
  /// Why NATS is not connected, in words.
  [[nodiscard]] std::string nats_problem() const;
  /// Why only a new process will help, such as a lost device; empty while this one will do.
  [[nodiscard]] std::string restart_reason() const;
  [[nodiscard]] Health health() const;
  /// Where /metrics and the probes are; 0 when they are switched off or could not listen.
  [[nodiscard]] int http_port() const;
  [[nodiscard]] const Metrics& metrics() const;
  [[nodiscard]] const std::string& id() const;

 private:
  class Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd
