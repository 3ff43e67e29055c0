// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/timeline.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "tools/shared/statistics.h"

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
  std::vector<std::vector<std::int64_t>> latencies_us(count);
  const auto index = [&](Microseconds time) { return static_cast<std::size_t>(time / length); };

  for (const Record& record : records) {
    if (record.scheduled < end) ++timeline.intervals[index(record.scheduled)].due_per_s;
    if (record.code.empty() || record.answered >= end) continue;
    const std::size_t at = index(record.answered);
    if (record.code == code_ok)
      latencies_us[at].push_back((record.answered - record.scheduled).count());
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
    interval.ok_per_s = static_cast<double>(latencies_us[i].size()) / seconds;
    interval.p50_ms = ms(percentile(latencies_us[i], 0.5));
    interval.p90_ms = ms(percentile(latencies_us[i], 0.9));
    interval.p99_ms = ms(percentile(latencies_us[i], 0.99));
  }
  return timeline;
}

nlohmann::ordered_json to_json(const Timeline& timeline) {
  auto intervals = nlohmann::ordered_json::array();
  for (const Interval& each : timeline.intervals)
    intervals.push_back({{"begin_s", each.begin_s},
                         {"due_per_s", each.due_per_s},
                         {"ok_per_s", each.ok_per_s},
                         {"failed_per_s", each.failed_per_s},
                         {"p50_ms", each.p50_ms},
                         {"p90_ms", each.p90_ms},
                         {"p99_ms", each.p99_ms}});
  return {{"interval_s", timeline.interval_s}, {"warmup_s", timeline.warmup_s}, {"intervals", intervals}};
}

}  // namespace inpaintd::tools
