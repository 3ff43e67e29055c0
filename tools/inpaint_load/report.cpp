// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "tools/shared/statistics.h"

namespace inpaintd::tools {
namespace {

constexpr double difference_max = 0.10;  // of windows, and of requests due and ended, for a stable run
constexpr Microseconds window_length{10'000'000};

Percentiles percentiles(std::vector<std::int64_t>& times_us) {
  const auto ms = [&times_us](double share) { return static_cast<double>(percentile(times_us, share)) / 1000.0; };
  return {ms(0.5), ms(0.9), ms(0.99), ms(0.999), ms(1)};
}

bool within(const Measure& measure, Microseconds time) { return time >= measure.begin && time < measure.end; }

bool is_unanswered(const Record& record) { return record.code.empty() || record.code == code_unanswered; }

struct Stage {
  std::string_view name;
  Microseconds Timings::* time;
};
constexpr std::array stages{Stage{"decode", &Timings::decode}, Stage{"queue", &Timings::queue},
                            Stage{"infer", &Timings::infer}, Stage{"encode", &Timings::encode},
                            Stage{"total", &Timings::total}};

/// Three windows, or one for every 10 s if that is more (100 at most). The value of a window is its rate of "ok"
/// answers or, in the open loop, the share of its requests that ended with "ok".
std::vector<double> measure_windows(std::span<const Record> records, const Measure& measure) {
  const Microseconds length = measure.end - measure.begin;
  if (length.count() <= 0) return {};
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(length / window_length, 3, 100));
  std::vector<double> good(count);
  std::vector<double> due(count, static_cast<double>(length.count()) / 1e6 / static_cast<double>(count));
  if (measure.open_loop) due.assign(count, 0.0);
  for (const Record& record : records) {
    const Microseconds time = measure.open_loop ? record.scheduled : record.answered;
    if (!within(measure, time)) continue;
    const auto window =
        static_cast<std::size_t>((time - measure.begin).count() * static_cast<std::int64_t>(count) / length.count());
    if (record.code == code_ok) ++good[window];
    if (measure.open_loop) ++due[window];
  }
  for (std::size_t i = 0; i < count; ++i) good[i] = due[i] > 0 ? good[i] / due[i] : 0.0;
  return good;
}

bool windows_agree(const std::vector<double>& windows) {
  if (windows.empty()) return false;
  const auto [low, high] = std::ranges::minmax(windows);
  return low > 0 && high - low <= difference_max * high;
}

bool keeps_up(std::span<const Record> records, const Measure& measure) {
  double due = 0;
  double ended = 0;
  for (const Record& record : records) {
    due += within(measure, record.scheduled) ? 1 : 0;
    ended += !is_unanswered(record) && within(measure, record.answered) ? 1 : 0;
  }
  return std::abs(due - ended) <= difference_max * due;
}

/// True for a good request that ended with an error which another attempt would not cure.
bool is_harmed(const Record& record) {
  if (record.fate != Fate::answer) return false;
  const auto code = error_code(record.code);
  return code && (!info(*code).retryable || *code == ErrorCode::device_failed);
}

void account(const Record& record, Accounting& all) {
  ++all.requests;
  all.answered += is_unanswered(record) ? 0 : 1;
  all.duplicate += static_cast<std::size_t>(record.duplicates);
  all.attempts += static_cast<std::size_t>(record.attempts);
  all.late += static_cast<std::size_t>(record.late);
  all.verified += record.verified ? 1 : 0;
  if (record.fault.empty()) return;
  if (++all.wrong == 1) all.first_fault = record.fault;
}

/// Counts the requests that were due within the measured time.
class Counter {
 public:
  void add(const Record& record, Report& report) {
    ++report.sent;
    lags_us_.push_back((record.sent - record.scheduled).count());
    const std::string ending(is_unanswered(record) ? code_unanswered : record.code);
    if (ending == code_unanswered)
      ++report.unanswered;
    else if (ending == code_ok)
      add_ok(record, report);
    else
      ++report.errors[ending];
    if (is_poison(record.fate)) ++report.poison[ending];
    if (record.fate == Fate::cancel) ++report.cancelled[ending];
    report.harmed += is_harmed(record) ? 1 : 0;
  }

  void finish(Report& report) {
    report.latency_ms = percentiles(latencies_us_);
    report.send_lag_ms = percentiles(lags_us_);
    for (std::size_t i = 0; i < stages.size(); ++i)
      report.stages_ms.emplace_back(stages[i].name, percentiles(stages_us_[i]));
  }

 private:
  void add_ok(const Record& record, Report& report) {
    ++report.ok;
    report.cached += record.cached ? 1 : 0;
    ++report.batch_size[record.batch_size];
    ++report.served_by[record.served_by];
    latencies_us_.push_back((record.answered - record.scheduled).count());
    for (std::size_t i = 0; i < stages.size(); ++i) stages_us_[i].push_back((record.timings.*stages[i].time).count());
  }

  std::vector<std::int64_t> latencies_us_;
  std::vector<std::int64_t> lags_us_;
  std::array<std::vector<std::int64_t>, stages.size()> stages_us_;
};

}  // namespace

std::size_t Report::let_through() const {
  const auto passed = poison.find(std::string(code_ok));
  return passed == poison.end() ? 0 : passed->second;
}

Report make_report(std::span<const Record> records, const Measure& measure) {
  Report report;
  Counter counter;
  double arrived = 0;
  double good = 0;
  for (const Record& record : records) {
    account(record, report.all);
    if (within(measure, record.scheduled)) counter.add(record, report);
    if (record.code != code_ok || !within(measure, record.answered)) continue;
    ++arrived;
    if (!measure.slo || record.answered - record.scheduled <= *measure.slo) ++good;
  }
  counter.finish(report);
  report.duration_s = static_cast<double>((measure.end - measure.begin).count()) / 1e6;
  report.offered = report.duration_s > 0 ? static_cast<double>(report.sent) / report.duration_s : 0;
  report.rate = report.duration_s > 0 ? arrived / report.duration_s : 0;
  report.goodput = report.duration_s > 0 ? good / report.duration_s : 0;
  report.windows = measure_windows(records, measure);
  // Ignores scheduler jitter; flags a lag that is large against the median latency.
  report.lag_large = report.send_lag_ms.p99 > std::max(5.0, report.latency_ms.p50 / 10);
  report.keeps_up = !measure.open_loop || keeps_up(records, measure);
  report.stable = windows_agree(report.windows) && report.keeps_up && !report.lag_large;
  return report;
}

}  // namespace inpaintd::tools
