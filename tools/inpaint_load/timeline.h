// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/inpaint_load/ledger.h"

namespace inpaintd::tools {

/// What happened in one stretch of the run.
struct Interval {
  double begin_s = 0;
  double due_per_s = 0;  ///< requests that were due
  double ok_per_s = 0;   ///< answers that arrived
  double failed_per_s = 0;
  double p50_ms = 0, p90_ms = 0, p99_ms = 0;  ///< of the "ok" answers that arrived
};

struct Timeline {
  double interval_s = 0;
  double warmup_s = 0;
  std::vector<Interval> intervals;
};

/// Cuts [0, end) into at most 120 stretches of a round length, a quarter of a second or longer.
Timeline make_timeline(std::span<const Record> records, Microseconds warmup, Microseconds end);

std::string to_json(const Timeline& timeline);

/// A picture (SVG) of throughput and latency over time. `slo` is drawn as a line.
std::string to_svg(const Timeline& timeline, const std::string& title, std::optional<std::chrono::milliseconds> slo);

}  // namespace inpaintd::tools
