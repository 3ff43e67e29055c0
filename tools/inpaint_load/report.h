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

/// In milliseconds.
struct Percentiles {
  double p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
};

/// Requests by what they ended in: "ok", an error's name, "unanswered".
using Endings = std::map<std::string, std::size_t>;

/// The whole run, warm-up included: an answer that is lost there is lost as well.
struct Accounting {
  std::size_t requests = 0;
  std::size_t answered = 0;   ///< requests that ended in a message; the others did not
  std::size_t duplicate = 0;  ///< final messages beyond the first to one attempt
  std::size_t attempts = 0;   ///< messages sent: requests, and what was tried again
  std::size_t late = 0;       ///< attempts that had been given up, and were answered after all
  std::size_t verified = 0;   ///< pictures that were held against what was sent
  std::size_t wrong = 0;      ///< of those, not the right answer
  std::string first_fault;    ///< what was wrong with the first of them

  [[nodiscard]] bool balanced() const { return answered == requests && duplicate == 0 && wrong == 0; }
};

struct Report {
  std::size_t sent = 0;  ///< requests due within the measured time; each is one of ok, errors, unanswered
  std::size_t ok = 0;
  Endings errors;
  std::size_t unanswered = 0;
  Endings poison;          ///< how the broken ones among them ended
  Endings cancelled;       ///< how those ended that we gave up
  std::size_t harmed = 0;  ///< neither, and yet refused or failed for good
  std::size_t cached = 0;
  Accounting all;
  double duration_s = 0;
  double offered = 0;      ///< requests per second
  double rate = 0;         ///< "ok" answers per second that arrived within the measured time
  double goodput = 0;      ///< those of them that met the limit
  double cpu_cores = 0;    ///< what the generator itself used
  Percentiles latency_ms;  ///< of "ok" answers, from the scheduled time
  Percentiles send_lag_ms;
  std::map<std::size_t, std::size_t> batch_size;
  std::vector<std::pair<std::string, Percentiles>> stages_ms;
  std::map<std::string, std::size_t> served_by;
  std::vector<double> windows;  ///< closed loop: rate of each; open loop: share of its requests that ended well
  bool lag_large = false;  ///< we could not keep the schedule: the numbers say more about us than about the service
  bool keeps_up = true;    ///< open loop: as many requests ended as were due, within 10 %; else a queue grows
  bool stable = false;     ///< the windows agree within 10 %, the service kept up, and we kept the schedule

  /// Poison that was not refused.
  [[nodiscard]] std::size_t let_through() const;
  /// Every request was answered once and rightly, no poison passed, and we kept the schedule.
  [[nodiscard]] bool sound() const { return sent > 0 && all.balanced() && let_through() == 0 && !lag_large; }
};

Report make_report(std::span<const Record> records, const Measure& measure);

/// With `timeline` as its last key, unless it is null.
std::string to_json(const Report& report, const Timeline* timeline = nullptr);
/// For a terminal.
std::string to_table(const Report& report);

}  // namespace inpaintd::tools
