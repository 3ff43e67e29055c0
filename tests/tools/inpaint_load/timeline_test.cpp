// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/timeline.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;

Record answer(Microseconds scheduled, Microseconds answered, std::string_view code = code_ok) {
  Record record;
  record.scheduled = scheduled;
  record.answered = answered;
  record.code = code;
  return record;
}

}  // namespace

TEST_CASE("a run is cut into intervals of 0.25 s, or of a longer round length when there would be more than 120") {
  CHECK(make_timeline({}, 0s, 1s).intervals.size() == 4);
  CHECK(make_timeline({}, 0s, 1100ms).intervals.size() == 5);
  CHECK(make_timeline({}, 0s, 30s).interval_s == 0.25);
  CHECK(make_timeline({}, 0s, 31s).interval_s == 0.5);
  CHECK(make_timeline({}, 0s, 1h).interval_s == 60);
  CHECK(make_timeline({}, 0s, 0s).intervals.empty());
}

TEST_CASE("requests count in the interval in which they were due, answers in the interval in which they arrived") {
  const std::vector<Record> records{answer(0ms, 300ms), answer(100ms, 310ms), answer(200ms, 900ms, "overloaded"),
                                    answer(260ms, 2s), answer(270ms, 0ms, "")};
  const Timeline timeline = make_timeline(records, 250ms, 1s);
  REQUIRE(timeline.intervals.size() == 4);
  CHECK(timeline.warmup_s == 0.25);
  CHECK(timeline.intervals[0].due_per_s == 12);
  CHECK(timeline.intervals[0].ok_per_s == 0);
  CHECK(timeline.intervals[1].due_per_s == 8);
  CHECK(timeline.intervals[1].ok_per_s == 8);
  CHECK(timeline.intervals[1].p99_ms == 300);
  CHECK(timeline.intervals[3].failed_per_s == 4);
  CHECK(timeline.intervals[3].begin_s == 0.75);
}

TEST_CASE("the JSON of a timeline has the keys that plot.py reads, in order") {
  const std::vector<Record> records{answer(0ms, 30ms), answer(300ms, 400ms, "overloaded")};
  CHECK(to_json(make_timeline(records, 250ms, 500ms)) == nlohmann::ordered_json::parse(R"({
    "interval_s": 0.25, "warmup_s": 0.25, "intervals": [
      {"begin_s": 0, "due_per_s": 4, "ok_per_s": 4, "failed_per_s": 0, "p50_ms": 30, "p90_ms": 30, "p99_ms": 30},
      {"begin_s": 0.25, "due_per_s": 4, "ok_per_s": 0, "failed_per_s": 4, "p50_ms": 0, "p90_ms": 0, "p99_ms": 0}]})"));
  CHECK(to_json(make_timeline({}, 0s, 0s))["intervals"] == nlohmann::ordered_json::array());
}

}  // namespace inpaintd::tools
