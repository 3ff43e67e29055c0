// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/job.h"

namespace inpaintd::tools {

/// What became of one request. Times count from the start of the run.
struct Record {
  Microseconds scheduled{};
  Microseconds sent{};
  Microseconds answered{};
  std::string code;  ///< "ok", an error's name, or empty while there is no answer
  int duplicates = 0;

  // What an "ok" said about itself.
  Timings timings;
  std::size_t batch_size = 0;
  bool cached = false;
  std::string served_by;
};

/// How a run is judged.
struct Measure {
  Microseconds begin{};                            ///< the end of the warm-up
  Microseconds end{};                              ///< the end of the sending
  bool open_loop = false;                          ///< arrivals were scheduled ahead
  std::optional<std::chrono::milliseconds> slo{};  ///< goodput counts answers within this time
};

/// In milliseconds.
struct Percentiles {
  double p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
};

struct Report {
  std::size_t sent = 0;  ///< requests due within the measured time; each is one of ok, errors, unanswered
  std::size_t ok = 0;
  std::map<std::string, std::size_t> errors;
  std::size_t unanswered = 0;
  std::size_t duplicate = 0;  ///< final messages beyond the first
  std::size_t cached = 0;
  double duration_s = 0;
  double rate = 0;         ///< "ok" answers per second that arrived within the measured time
  double goodput = 0;      ///< those of them that met the limit
  Percentiles latency_ms;  ///< of "ok" answers, from the scheduled time
  Percentiles send_lag_ms;
  std::map<std::size_t, std::size_t> batch_size;
  std::vector<std::pair<std::string, Percentiles>> stages_ms;
  std::map<std::string, std::size_t> served_by;
  std::vector<double> windows;  ///< closed loop: rate of each; open loop: share of its requests that ended well
  bool lag_large = false;  ///< we could not keep the schedule: the numbers say more about us than about the service
  bool keeps_up = true;    ///< open loop: as many requests ended as were due, within 10 %; else a queue grows
  bool stable = false;     ///< the windows agree within 10 %, the service kept up, and we kept the schedule

  /// Every request was answered once, and we kept the schedule.
  [[nodiscard]] bool sound() const { return ok > 0 && unanswered == 0 && duplicate == 0 && !lag_large; }
};

Report make_report(std::span<const Record> records, const Measure& measure);

std::string to_json(const Report& report);
/// For a terminal.
std::string to_table(const Report& report);

}  // namespace inpaintd::tools
