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

#include "tools/inpaint_load/ledger.h"
#include "tools/inpaint_load/timeline.h"

namespace inpaintd::tools {

/// How a run is judged.
struct Measure {
  Microseconds begin{};                            ///< the end of the warm-up
  Microseconds end{};                              ///< the end of the sending
  bool open_loop = false;                          ///< arrivals were scheduled ahead
  std::optional<std::chrono::milliseconds> slo{};  ///< goodput counts answers within this time
};

/// Percentiles of a time in milliseconds.
struct Percentiles {
  double p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
};

/// Number of requests by how they ended: "ok", an error's name, "unanswered".
using Endings = std::map<std::string, std::size_t>;

/// Counts over the whole run. The warm-up is included, because an answer that is lost there is lost as well.
struct Accounting {
  std::size_t requests = 0;
  std::size_t answered = 0;   ///< requests that ended with a final message
  std::size_t duplicate = 0;  ///< final messages beyond the first to one attempt
  std::size_t attempts = 0;   ///< request messages sent, retries included
  std::size_t late = 0;       ///< attempts that were answered after the request had ended, or after a retry
  std::size_t verified = 0;   ///< pictures that were compared with the pictures sent
  std::size_t wrong = 0;      ///< verified pictures that do not match their request
  std::string first_fault;    ///< what is wrong with the first wrong picture

  [[nodiscard]] bool balanced() const { return answered == requests && duplicate == 0 && wrong == 0; }
};

struct Report {
  std::size_t sent = 0;  ///< requests due within the measured time; each of them is ok, an error or unanswered
  std::size_t ok = 0;
  Endings errors;
  std::size_t unanswered = 0;
  Endings poison;          ///< how the broken requests ended
  Endings cancelled;       ///< how the requests that the generator cancelled ended
  std::size_t harmed = 0;  ///< good requests that were refused, or failed in the end
  std::size_t cached = 0;
  Accounting all;
  double duration_s = 0;
  double offered = 0;      ///< requests per second
  double rate = 0;         ///< "ok" answers per second that arrived within the measured time
  double goodput = 0;      ///< the part of `rate` that met the limit
  double cpu_cores = 0;    ///< used by the generator itself
  Percentiles latency_ms;  ///< of "ok" answers, from the scheduled time
  Percentiles send_lag_ms;
  std::map<std::size_t, std::size_t> batch_size;
  std::vector<std::pair<std::string, Percentiles>> stages_ms;
  std::map<std::string, std::size_t> served_by;
  std::vector<double>
      windows;  ///< closed loop: rate of each window; open loop: share of its requests that ended with "ok"
  bool lag_large =
      false;             ///< the generator fell behind its schedule: the numbers describe this machine, not the service
  bool keeps_up = true;  ///< open loop: the numbers of requests due and ended agree within 10 %; else a queue grows
  bool stable = false;   ///< the windows agree within 10 %, the service kept up, and the generator kept its schedule

  /// The number of broken requests that were not refused.
  [[nodiscard]] std::size_t let_through() const;
  /// True when every request was answered once and correctly, every broken request was refused, and the generator kept
  /// its schedule.
  [[nodiscard]] bool sound() const { return sent > 0 && all.balanced() && let_through() == 0 && !lag_large; }
};

/// Summarizes the records of a run.
Report make_report(std::span<const Record> records, const Measure& measure);

/// The report as JSON, with `timeline` as its last key unless it is null.
std::string to_json(const Report& report, const Timeline* timeline = nullptr);
/// The report as a table for a terminal, with warnings below it.
std::string to_table(const Report& report);

}  // namespace inpaintd::tools
