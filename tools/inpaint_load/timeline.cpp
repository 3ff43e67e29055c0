// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/timeline.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "tools/inpaint_load/histogram.h"
#include "tools/shared/json.h"

namespace inpaintd::tools {
namespace {

constexpr std::size_t intervals_max = 120;
constexpr std::array<std::int64_t, 10> lengths_ms{250, 500, 1000, 2000, 5000, 10'000, 20'000, 60'000, 300'000, 600'000};

Microseconds choose_length(Microseconds end) {
  for (std::int64_t ms : lengths_ms) {
    const Microseconds length(ms * 1000);
    if (end <= length * intervals_max) return length;
  }
  return Microseconds(lengths_ms.back() * 1000);
}

double ms(std::int64_t us) { return static_cast<double>(us) / 1000; }

}  // namespace

Timeline make_timeline(std::span<const Record> records, Microseconds warmup, Microseconds end) {
  const Microseconds length = choose_length(end);
  Timeline timeline{static_cast<double>(length.count()) / 1e6, static_cast<double>(warmup.count()) / 1e6, {}};
  if (end.count() <= 0) return timeline;
  const auto count = static_cast<std::size_t>((end + length - Microseconds(1)) / length);
  timeline.intervals.resize(count);
  std::vector<Histogram> latencies(count);
  const auto index = [&](Microseconds time) { return static_cast<std::size_t>(time / length); };

  for (const Record& record : records) {
    if (record.scheduled < end) ++timeline.intervals[index(record.scheduled)].due_per_s;
    if (record.code.empty() || record.answered >= end) continue;
    const std::size_t at = index(record.answered);
    if (record.code == code_ok)
      latencies[at].record((record.answered - record.scheduled).count());
    else
      ++timeline.intervals[at].failed_per_s;
  }
  for (std::size_t i = 0; i < count; ++i) {
    Interval& interval = timeline.intervals[i];
    const Microseconds begin = length * i;
    const double seconds = static_cast<double>(std::min(length, end - begin).count()) / 1e6;
    interval.begin_s = static_cast<double>(begin.count()) / 1e6;
    interval.due_per_s /= seconds;
    interval.failed_per_s /= seconds;
    interval.ok_per_s = static_cast<double>(latencies[i].count()) / seconds;
    interval.p50_ms = ms(latencies[i].at(0.5));
    interval.p90_ms = ms(latencies[i].at(0.9));
    interval.p99_ms = ms(latencies[i].at(0.99));
  }
  return timeline;
}

std::string to_json(const Timeline& timeline) {
  std::vector<std::string> intervals;
  for (const Interval& each : timeline.intervals)
    intervals.push_back(json::Object()
                            .add("begin_s", json::number(each.begin_s))
                            .add("due_per_s", json::number(each.due_per_s))
                            .add("ok_per_s", json::number(each.ok_per_s))
                            .add("failed_per_s", json::number(each.failed_per_s))
                            .add("p50_ms", json::number(each.p50_ms))
                            .add("p90_ms", json::number(each.p90_ms))
                            .add("p99_ms", json::number(each.p99_ms))
                            .in_a_line());
  return json::Object()
      .add("interval_s", json::number(timeline.interval_s))
      .add("warmup_s", json::number(timeline.warmup_s))
      .add("intervals", json::list(intervals))
      .in_a_line();
}

}  // namespace inpaintd::tools
