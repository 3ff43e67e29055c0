// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/timeline.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
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

/// Every element is closed by its own end, in order; no text or attribute holds what must be escaped.
bool well_formed(const std::string& xml) {
  const std::regex tag(R"(<(/?)([a-z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<&]*")*)\s*(/?)>)");
  std::vector<std::string> open;
  std::size_t end = 0;
  for (std::sregex_iterator it(xml.begin(), xml.end(), tag), last; it != last; ++it) {
    const std::string between = xml.substr(end, static_cast<std::size_t>(it->position()) - end);
    if (std::regex_search(between, std::regex("<|>|&(?!amp;|lt;|gt;)"))) return false;
    end = static_cast<std::size_t>(it->position() + it->length());
    if ((*it)[4].length() > 0) continue;
    if ((*it)[1].length() == 0)
      open.push_back((*it)[2]);
    else if (open.empty() || open.back() != (*it)[2])
      return false;
    else
      open.pop_back();
  }
  return open.empty() && xml.substr(end) == "\n";
}

}  // namespace

TEST_CASE("a run is cut into quarters of a second, and longer pieces of round length when it is long") {
  CHECK(make_timeline({}, 0s, 1s).intervals.size() == 4);
  CHECK(make_timeline({}, 0s, 1100ms).intervals.size() == 5);
  CHECK(make_timeline({}, 0s, 30s).interval_s == 0.25);
  CHECK(make_timeline({}, 0s, 31s).interval_s == 0.5);
  CHECK(make_timeline({}, 0s, 1h).interval_s == 60);
  CHECK(make_timeline({}, 0s, 0s).intervals.empty());
}

TEST_CASE("requests count when they were due, answers when they came") {
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

TEST_CASE("the plot is well-formed, names its axes and units, and escapes its title") {
  std::vector<Record> records;
  for (Microseconds due = 0s; due < 4s; due += 10ms) records.push_back(answer(due, due + 30ms));
  const std::string svg = to_svg(make_timeline(records, 1s, 4s), "a <b> & c", 200ms);
  CHECK(well_formed(svg));
  for (const char* text : {"a &lt;b&gt; &amp; c", "requests per second", "milliseconds", "time in seconds", ">p99<",
                           ">p50<", ">warm-up<", ">limit<"}) {
    CAPTURE(text);
    CHECK(svg.find(text) != std::string::npos);
  }
  CHECK(std::ranges::count(svg, '\n') > 30);
}

TEST_CASE("a run without answers is drawn too, without numbers that are none") {
  for (const Timeline& timeline : {make_timeline({}, 0s, 0s), make_timeline({}, 1s, 3s)}) {
    const std::string svg = to_svg(timeline, "nothing", std::nullopt);
    CHECK(well_formed(svg));
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg.find("inf") == std::string::npos);
  }
}

}  // namespace inpaintd::tools
