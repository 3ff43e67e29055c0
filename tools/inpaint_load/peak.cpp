// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/peak.h"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <sstream>
#include <utility>

#include "tools/shared/json.h"

namespace inpaintd::tools {

std::optional<double> PeakSearch::next() const {
  if (trials_ >= trials_max) return std::nullopt;
  if (trials_ == 0) return start_;
  if (failed_ == 0) return passed_ * 2;
  if (passed_ == 0) return failed_ / 2;
  if (failed_ - passed_ <= precision * failed_) return std::nullopt;
  return (passed_ + failed_) / 2;
}

void PeakSearch::record(double rate, bool passed) {
  ++trials_;
  if (passed)
    passed_ = std::max(passed_, rate);
  else
    failed_ = failed_ == 0 ? rate : std::min(failed_, rate);
}

std::optional<double> PeakSearch::best() const { return passed_ > 0 ? std::optional(passed_) : std::nullopt; }

std::optional<std::string> why_failed(const Trial& trial, std::chrono::milliseconds slo) {
  const Report& report = trial.report;
  if (trial.given_up) return "a queue grew";
  if (report.lag_large) return "this machine could not send fast enough";
  const auto meant = [](const Endings& endings) {
    return std::accumulate(endings.begin(), endings.end(), std::size_t{0},
                           [](std::size_t sum, const auto& each) { return sum + each.second; });
  };
  if (report.unanswered > 0) return "requests were lost";
  if (meant(report.errors) > meant(report.poison) + meant(report.cancelled)) return "requests were refused";
  if (report.ok == 0) return "nothing was answered";
  if (report.latency_ms.p99 > static_cast<double>(slo.count())) return "p99 is above the limit";
  if (!report.keeps_up) return "the service did not keep up";
  return std::nullopt;
}

std::string describe(const Trial& trial, std::chrono::milliseconds slo) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2) << std::setw(10) << trial.rate << "/s  p50 " << std::setw(9)
      << trial.report.latency_ms.p50 << " ms  p99 " << std::setw(9) << trial.report.latency_ms.p99 << " ms  "
      << why_failed(trial, slo).value_or("passed");
  return std::move(out).str();
}

std::string to_json(const std::vector<Trial>& trials, std::optional<double> peak, std::chrono::milliseconds slo) {
  std::vector<std::string> pieces;
  for (const Trial& trial : trials)
    pieces.push_back(json::Object()
                         .add("rate", json::number(trial.rate))
                         .add("answered_per_s", json::number(trial.report.rate))
                         .add("p50_ms", json::number(trial.report.latency_ms.p50))
                         .add("p99_ms", json::number(trial.report.latency_ms.p99))
                         .add("sent", json::number(trial.report.all.requests))
                         .add("answered", json::number(trial.report.all.answered))
                         .add("passed", json::flag(!why_failed(trial, slo)))
                         .in_a_line());
  return json::Object()
      .add("peak", peak ? json::number(*peak) : "null")
      .add("slo_p99_ms", json::number(static_cast<std::size_t>(slo.count())))
      .add("trials", json::list(pieces))
      .in_lines();
}

}  // namespace inpaintd::tools
