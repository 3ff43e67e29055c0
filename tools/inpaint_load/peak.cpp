// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/peak.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "tools/shared/json_text.h"

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
  const auto total = [](const Endings& endings) {
    return std::accumulate(endings.begin(), endings.end(), std::size_t{0},
                           [](std::size_t sum, const auto& each) { return sum + each.second; });
  };
  if (report.unanswered > 0) return "requests were lost";
  if (total(report.errors) > total(report.poison) + total(report.cancelled)) return "requests were refused";
  if (report.ok == 0) return "nothing was answered";
  if (report.latency_ms.p99 > static_cast<double>(slo.count())) return "p99 is above the limit";
  if (!report.keeps_up) return "the service did not keep up";
  return std::nullopt;
}

std::string describe(const Trial& trial, std::chrono::milliseconds slo) {
  const Percentiles& latency = trial.report.latency_ms;
  return fmt::format("{:10.2f}/s  p50 {:9.2f} ms  p99 {:9.2f} ms  {}", trial.rate, latency.p50, latency.p99,
                     why_failed(trial, slo).value_or("passed"));
}

std::string to_json(const std::vector<Trial>& trials, std::optional<double> peak, std::chrono::milliseconds slo) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const Trial& trial : trials)
    list.push_back({{"rate", trial.rate},
                    {"answered_per_s", trial.report.rate},
                    {"p50_ms", trial.report.latency_ms.p50},
                    {"p99_ms", trial.report.latency_ms.p99},
                    {"sent", trial.report.all.requests},
                    {"answered", trial.report.all.answered},
                    {"passed", !why_failed(trial, slo)}});
  return json_text({{"peak", peak ? Json(*peak) : Json()}, {"slo_p99_ms", slo.count()}, {"trials", list}});
}

}  // namespace inpaintd::tools
