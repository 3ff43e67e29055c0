// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "tools/inpaint_load/ledger.h"

namespace inpaintd::tools {

/// What happened in one interval of the run.
struct Interval {
  double begin_s = 0;
  double due_per_s = 0;                       ///< requests that were due in the interval
  double ok_per_s = 0;                        ///< "ok" answers that arrived in the interval
  double failed_per_s = 0;                    ///< requests that ended otherwise in the interval
  double p50_ms = 0, p90_ms = 0, p99_ms = 0;  ///< latency of the "ok" answers that arrived
};

struct Timeline {
  double interval_s = 0;
  double warmup_s = 0;
  std::vector<Interval> intervals;
};

/// Cuts [0, end) into at most 120 intervals of a round length, 0.25 s or longer.
Timeline make_timeline(std::span<const Record> records, Microseconds warmup, Microseconds end);

/// The object that plot.py reads: `interval_s`, `warmup_s`, and `intervals` with the members of Interval.
nlohmann::ordered_json to_json(const Timeline& timeline);

}  // namespace inpaintd::tools
