// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "core/job.h"

namespace inpaintd::gateway {

/// The values that are read when a client asks for the metrics.
struct Gauges {
  std::size_t connections = 0;
  std::size_t streams = 0;
  std::size_t body_bytes = 0;
  std::size_t open_tasks = 0;
  std::size_t tasks = 0;
  std::size_t task_bytes = 0;
  bool nats_connected = false;
  std::string obstacle;  ///< why no task can be taken although NATS is connected; or empty
  bool ready = false;
};

/// What the gateway counts; the one place where its metrics are named. Thread safe.
class Metrics {
  prometheus::Registry registry_;  // first: the others live in it

 public:
  explicit Metrics(const std::string& version);

  /// An answer was sent; `route` is the pattern of its path, so that there are few of them.
  void count_answer(std::string_view route, int status);
  /// A task ended after `time`; `code` is `done`, or that of the problem.
  void count_task(std::string_view code, Microseconds time);

  /// All metrics in Prometheus' text format.
  std::string text(const Gauges& now);

 private:
  prometheus::Gauge& gauge(const char* name, const char* help);

  prometheus::Family<prometheus::Counter>& answers_;
  prometheus::Family<prometheus::Counter>& tasks_ended_;
  prometheus::Histogram& task_seconds_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& streams_;
  prometheus::Gauge& body_bytes_;
  prometheus::Gauge& open_tasks_;
  prometheus::Gauge& tasks_;
  prometheus::Gauge& task_bytes_;
  prometheus::Gauge& nats_connected_;
  prometheus::Gauge& ready_;
};

}  // namespace inpaintd::gateway
