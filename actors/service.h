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

/// The whole service: connection, actors and subscriptions, in one object, so that a program or a test can run several
/// services.
class Service {
 public:
  /// Connects, loads the model on every device, and subscribes when a device is ready. Errors say which of these steps
  /// failed and what to do. `version` is shown in service discovery. While the model loads, `stop_requested` is called
  /// repeatedly; when it returns true, `start` ends with shutting_down.
  static Result<std::unique_ptr<Service>> start(const Config& config, const std::string& version,
                                                const StopRequested& stop_requested = {});

  /// Calls `drain`, unless it was called before.
  ~Service();

  /// Takes no new requests, answers the accepted ones (those that are not computed within `drain_timeout` end as
  /// shutting_down), and ends all actors and the connection's subscriptions. Returns the number of requests that ended
  /// as shutting_down.
  std::size_t drain();

  /// True when the NATS server has refused this client for good: no request will arrive any more, and the process has
  /// to be restarted.
  [[nodiscard]] bool cut_off() const;
  [[nodiscard]] bool connected() const;
  /// Whether the NATS server has received the subscriptions. Waits at most a second for its answer.
  [[nodiscard]] bool confirm_subscriptions() const;
  /// The reason why NATS is not connected, for people.
  [[nodiscard]] std::string nats_problem() const;
  /// Why a new process is needed, such as a lost device; empty while none is needed.
  [[nodiscard]] std::string restart_reason() const;
  [[nodiscard]] Health health() const;
  /// The port of /metrics and of the probes; 0 when they are switched off or could not listen.
  [[nodiscard]] int http_port() const;
  [[nodiscard]] const Metrics& metrics() const;
  [[nodiscard]] const std::string& id() const;

 private:
  class Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd
