// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/metric_family.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "bus/connection.h"
#include "bus/discovery.h"
#include "monitoring/device_load.h"
#include "monitoring/health_board.h"
#include "monitoring/metrics.h"
#include "monitoring/queue_board.h"
#include "scheduling/admission.h"

namespace inpaintd {

/// Whether requests should be sent to this worker, and if not, why.
struct Readiness {
  bool ready = false;
  std::vector<std::string> reasons;  ///< empty when ready
};

/// The phases of the service's life, in order.
enum class Phase : std::uint8_t { starting, serving, draining };

/// A worker is ready if it serves, is connected to NATS, has at least one ready device, and needs no restart.
/// `restart_reason` is HealthBoard::restart_reason().
Readiness readiness(Phase phase, bool connected, const Health& devices, const std::string& restart_reason = {});

/// The state of a running service for Prometheus, probes and service discovery. A Monitor only reads, and no actor
/// waits for it. Thread safe.
class Monitor {
 public:
  /// The objects that a Monitor reads.
  struct Parts {
    std::string version;
    std::string id;  ///< of this instance
    std::shared_ptr<const Metrics> metrics;
    std::shared_ptr<const Admission> admission;
    std::shared_ptr<const Connection> connection;
    std::shared_ptr<const QueueBoard> queues;
    std::shared_ptr<const HealthBoard> devices;
    std::vector<std::shared_ptr<const DeviceLoad>> loads;            ///< one for each slot of `devices`
    std::shared_ptr<const std::vector<Subscription>> subscriptions;  ///< complete and constant from `serving` on
  };
  explicit Monitor(Parts parts) : parts_(std::move(parts)) {}

  /// Sets the phase.
  void enter(Phase phase) { phase_ = phase; }

  /// The readiness at this moment.
  [[nodiscard]] Readiness readiness() const;
  /// `now` and the state of every device as JSON.
  [[nodiscard]] std::string readiness_json(const Readiness& now) const;
  /// Id, version and phase as JSON; it shows that the process answers.
  [[nodiscard]] std::string alive_json() const;
  /// All metrics in Prometheus' text format.
  [[nodiscard]] std::string metrics_text() const;
  /// The statistics for service discovery; `data` has the present load of every device.
  [[nodiscard]] discovery::EndpointStats endpoint_stats() const;

 private:
  [[nodiscard]] std::string load_json() const;
  [[nodiscard]] std::vector<prometheus::MetricFamily> look_up() const;

  const Parts parts_;
  std::atomic<Phase> phase_{Phase::starting};
};

}  // namespace inpaintd

template <>
struct inpaintd::EnumNames<inpaintd::Phase> {
  static constexpr std::array<std::string_view, 3> names{"starting", "serving", "draining"};
};

template <>
struct inpaintd::EnumNames<inpaintd::DeviceHealth::State> {
  static constexpr std::array<std::string_view, 3> names{"starting", "ready", "failed"};
};
