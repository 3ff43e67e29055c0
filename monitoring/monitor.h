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

/// Whether requests should be sent here, and if not, why.
struct Readiness {
  bool ready = false;
  std::vector<std::string> reasons;  ///< empty when ready
};

enum class Phase : std::uint8_t { starting, serving, draining };

/// Pure: ready means at least one device that works, a NATS server that knows us, and no end in sight.
/// `restart_reason`: why only a new process will help, or empty.
Readiness readiness(Phase phase, bool connected, const Health& devices, const std::string& restart_reason = {});

/// All that can be seen of a running service, for whoever asks: Prometheus, probes, service discovery. It only looks;
/// nothing waits for it. Thread safe.
class Monitor {
 public:
  struct Parts {
    std::string version;
    std::string id;  ///< of this instance
    std::shared_ptr<const Metrics> metrics;
    std::shared_ptr<const Admission> admission;
    std::shared_ptr<const Connection> connection;
    std::shared_ptr<const QueueBoard> queues;
    std::shared_ptr<const HealthBoard> devices;
    std::vector<std::shared_ptr<const DeviceLoad>> loads;            ///< one per slot of `devices`
    std::shared_ptr<const std::vector<Subscription>> subscriptions;  ///< complete, and left alone, from `serving` on
  };
  explicit Monitor(Parts parts) : parts_(std::move(parts)) {}

  void enter(Phase phase) { phase_ = phase; }

  [[nodiscard]] Readiness readiness() const;
  /// `now` and the state of every device, in JSON.
  [[nodiscard]] std::string readiness_json(const Readiness& now) const;
  /// That the process answers at all, in JSON.
  [[nodiscard]] std::string alive_json() const;
  /// Everything in Prometheus' text format.
  [[nodiscard]] std::string metrics_text() const;
  /// For service discovery, with the live load of every device as `data`.
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
