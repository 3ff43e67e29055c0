// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/report.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;

Record answer(Microseconds scheduled, Microseconds answered, const std::string& code = "ok") {
  Record record;
  record.scheduled = record.sent = scheduled;
  record.answered = answered;
  record.code = code;
  record.batch_size = 2;
  record.served_by = "m on cpu";
  return record;
}

/// One request every 100 ms for 4 s, each answered after 10 ms; measured from 1 s to 4 s.
std::vector<Record> even_run() {
  std::vector<Record> records;
  for (Microseconds due = 0s; due < 4s; due += 100ms) records.push_back(answer(due, due + 10ms));
  return records;
}

const Measure from_1_to_4{1s, 4s, false, std::nullopt};

}  // namespace

TEST_CASE("requests of the warm-up are not counted") {
  const Report report = make_report(even_run(), from_1_to_4);
  CHECK(report.sent == 30);
  CHECK(report.ok == 30);
  CHECK(report.duration_s == 3.0);
  CHECK(report.rate == 10.0);
  CHECK(report.goodput == 10.0);
  CHECK(report.latency_ms.max == 10.0);
  CHECK(report.batch_size == std::map<std::size_t, std::size_t>{{2, 30}});
  CHECK(report.windows == std::vector<double>{10, 10, 10});
  CHECK(report.stable);
  CHECK(report.sound());
}

TEST_CASE("latency counts from the scheduled time, however late the request was sent") {
  std::vector<Record> records{answer(1s, 1s + 300ms)};
  records[0].sent = 1s + 200ms;
  const Report report = make_report(records, from_1_to_4);
  CHECK(report.latency_ms.p50 == 300.0);
  CHECK(report.send_lag_ms.max == 200.0);
  CHECK(report.lag_large);
  CHECK_FALSE(report.stable);
  CHECK_FALSE(report.sound());
}

TEST_CASE("a send lag is large when its p99 exceeds both 5 ms and a tenth of the median latency") {
  const auto large = [](Microseconds lag, Microseconds latency) {
    std::vector<Record> records{answer(1s, 1s + latency)};
    records[0].sent = 1s + lag;
    return make_report(records, from_1_to_4).lag_large;
  };
  CHECK_FALSE(large(5ms, 20ms));
  CHECK(large(6ms, 20ms));
  CHECK_FALSE(large(9ms, 100ms));
  CHECK(large(12ms, 100ms));
}

TEST_CASE("every request is ok, an error or unanswered; duplicates are counted separately") {
  std::vector<Record> records{answer(1s, 2s), answer(1s, 2s, "overloaded"), answer(1s, 2s, "overloaded"),
                              answer(1s, 2s, "internal"), answer(1s, 0s, "")};
  records[0].duplicates = 1;
  const Report report = make_report(records, from_1_to_4);
  CHECK(report.sent == 5);
  CHECK(report.ok == 1);
  CHECK(report.errors == std::map<std::string, std::size_t>{{"internal", 1}, {"overloaded", 2}});
  CHECK(report.unanswered == 1);
  CHECK(report.all.requests == 5);
  CHECK(report.all.answered == 4);
  CHECK(report.all.duplicate == 1);
  CHECK_FALSE(report.sound());
}

TEST_CASE("an answer that is lost, duplicate or wrong makes the run unsound, also in the warm-up") {
  const auto sound = [](auto change) {
    std::vector<Record> records = even_run();
    change(records.front());
    return make_report(records, from_1_to_4).sound();
  };
  CHECK(sound([](Record&) {}));
  CHECK_FALSE(sound([](Record& record) { record.code = ""; }));
  CHECK_FALSE(sound([](Record& record) { record.code = code_unanswered; }));
  CHECK_FALSE(sound([](Record& record) { record.duplicates = 1; }));
  CHECK_FALSE(sound([](Record& record) { record.fault = "swapped"; }));
  CHECK(sound([](Record& record) { record.verified = true; }));
  CHECK(sound([](Record& record) { record.late = 1; }));
}

TEST_CASE("poison must be refused; good requests that are refused or fail in the end are counted as harmed") {
  std::vector<Record> records{answer(1s, 2s), answer(1s, 2s, "unsupported_image"), answer(1s, 2s, "size_mismatch"),
                              answer(1s, 2s, "cancelled"), answer(1s, 2s, "overloaded")};
  records[1].fate = Fate::broken_picture;
  records[2].fate = Fate::wrong_mask;
  records[3].fate = Fate::cancel;
  Report report = make_report(records, from_1_to_4);
  CHECK(report.poison == Endings{{"unsupported_image", 1}, {"size_mismatch", 1}});
  CHECK(report.cancelled == Endings{{"cancelled", 1}});
  CHECK(report.harmed == 0);
  CHECK(report.sound());
  records[0].code = "device_failed";
  CHECK(make_report(records, from_1_to_4).harmed == 1);
  records[0].code = code_ok;
  records[0].fate = Fate::broken_picture;
  report = make_report(records, from_1_to_4);
  CHECK(report.let_through() == 1);
  CHECK_FALSE(report.sound());
}

TEST_CASE("goodput counts the answers within the limit, the limit included") {
  const std::vector<Record> records{answer(1s, 1s + 200ms), answer(1s, 1s + 201ms), answer(1s, 1s + 10ms, "internal")};
  const Report report = make_report(records, {1s, 4s, false, 200ms});
  CHECK(report.rate == doctest::Approx(2.0 / 3));
  CHECK(report.goodput == doctest::Approx(1.0 / 3));
}

TEST_CASE("windows that differ by more than 10 % make the run unstable") {
  // 10, 10 and n answers in three windows of one second.
  const auto stable = [](int n) {
    std::vector<Record> records;
    for (int i = 0; i < 10; ++i) records.push_back(answer(1s, 1s + i * 50ms));
    for (int i = 0; i < 10; ++i) records.push_back(answer(2s, 2s + i * 50ms));
    for (int i = 0; i < n; ++i) records.push_back(answer(3s, 3s + i * 50ms));
    return make_report(records, from_1_to_4).stable;
  };
  CHECK(stable(10));
  CHECK(stable(9));
  CHECK_FALSE(stable(8));
  CHECK(stable(11));
  CHECK_FALSE(stable(12));
  CHECK_FALSE(stable(0));
}

TEST_CASE("the windows of an open loop are shares of requests that ended with ok, because arrivals are random") {
  std::vector<Record> records{answer(1s, 1s + 1ms)};
  for (int i = 0; i < 5; ++i) records.push_back(answer(2s, 2s + 1ms));
  for (int i = 0; i < 3; ++i) records.push_back(answer(3s, 3s + 1ms));
  CHECK(make_report(records, {1s, 4s, true, std::nullopt}).windows == std::vector<double>{1, 1, 1});
  CHECK(make_report(records, {1s, 4s, true, std::nullopt}).stable);
  records.push_back(answer(3s, 3s + 1ms, "overloaded"));
  CHECK(make_report(records, {1s, 4s, true, std::nullopt}).windows == std::vector<double>{1, 1, 0.75});
  CHECK_FALSE(make_report(records, {1s, 4s, true, std::nullopt}).stable);
}

TEST_CASE("an open loop in which fewer requests end than are due is unstable: a queue grows") {
  const auto run = [](Microseconds slower) {
    std::vector<Record> records;
    for (int i = 0; i < 40; ++i) records.push_back(answer(i * 100ms, i * (100ms + slower)));
    return make_report(records, {1s, 4s, true, std::nullopt});
  };
  CHECK(run(0ms).keeps_up);
  CHECK(run(0ms).stable);
  CHECK_FALSE(run(30ms).keeps_up);
  CHECK_FALSE(run(30ms).stable);
}

TEST_CASE("a run without requests, or one that ended in its warm-up, is reported as unsound") {
  CHECK_FALSE(make_report({}, from_1_to_4).sound());
  const Report cut = make_report(even_run(), {1s, 1s, false, std::nullopt});
  CHECK(cut.rate == 0.0);
  CHECK_FALSE(cut.stable);
}

TEST_CASE("the JSON of a report has the documented keys in order") {
  Record one = answer(1s, 1s + 1500us);
  one.timings = {1000us, 2000us, 3000us, 4000us, 5000us};
  const std::vector<Record> records{one, answer(1s, 1s, "overloaded")};
  Report report = make_report(records, from_1_to_4);
  report.served_by = {{"a \"model\" on cpu", 1}};
  report.cpu_cores = 0.25;
  CHECK(nlohmann::ordered_json::parse(to_json(report)) ==
        nlohmann::ordered_json::parse(R"({
  "sent": 2,
  "ok": 1,
  "errors": {"overloaded": 1},
  "unanswered": 0,
  "poison": {},
  "cancelled": {},
  "harmed": 0,
  "cached": 0,
  "all": {"requests": 2, "answered": 2, "duplicate": 0, "attempts": 2, "late": 0, "verified": 0, "wrong": 0},
  "duration_s": 3,
  "offered": 0.6666666666666666,
  "rate": 0.3333333333333333,
  "goodput": 0.3333333333333333,
  "generator_cpu_cores": 0.25,
  "latency_ms": {"p50": 1.5, "p90": 1.5, "p99": 1.5, "p999": 1.5, "max": 1.5},
  "send_lag_ms": {"p50": 0, "p90": 0, "p99": 0, "p999": 0, "max": 0},
  "send_lag_large": false,
  "batch_size": {"2": 1},
  "stages_ms": {"decode": {"p50": 1, "p90": 1, "p99": 1, "p999": 1, "max": 1}, )"
                                      R"("queue": {"p50": 2, "p90": 2, "p99": 2, "p999": 2, "max": 2}, )"
                                      R"("infer": {"p50": 3, "p90": 3, "p99": 3, "p999": 3, "max": 3}, )"
                                      R"("encode": {"p50": 4, "p90": 4, "p99": 4, "p999": 4, "max": 4}, )"
                                      R"("total": {"p50": 5, "p90": 5, "p99": 5, "p999": 5, "max": 5}},
  "served_by": {"a \"model\" on cpu": 1},
  "keeps_up": true,
  "windows": [1, 0, 0],
  "stable": false
})"));
}

TEST_CASE("a number that JSON has no form for is null") {
  Report report;
  report.rate = std::numeric_limits<double>::quiet_NaN();
  report.goodput = std::numeric_limits<double>::infinity();
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["rate"].is_null());
  CHECK(json["goodput"].is_null());
}

TEST_CASE("the table of a report says in words what makes a run unsound") {
  std::vector<Record> records{answer(1s, 2s), answer(1s, 0s, "")};
  records[0].duplicates = 3;
  records[0].fault = "swapped";
  const std::string table = to_table(make_report(records, from_1_to_4));
  const auto has = [&table](const char* line) { return table.find(line) != std::string::npos; };
  CHECK(has("LOST: 1 requests were not answered.\n"));
  CHECK(has("DUPLICATE: requests were answered more than once (3 additional answers).\n"));
  CHECK(has("WRONG: 1 answers do not match their requests; the first: swapped.\n"));
}

TEST_CASE("the table of a report has its counts, rates and batch sizes") {
  const std::string table = to_table(make_report(even_run(), from_1_to_4));
  const auto has = [&table](const char* line) { return table.find(line) != std::string::npos; };
  CHECK(has("answers/s       10.00 (within the limit: 10.00), of 10.00 requests/s, over 3.00 s, stable\n"));
  CHECK(has("requests        30 sent, 30 ok, 0 cached\n"));
  CHECK(has("accounts        40 sent = 40 answered, 0 duplicate, 0 sent again; 0 verified, 0 wrong\n"));
  CHECK(table.find("batch sizes     2: 30\n") != std::string::npos);
  CHECK(table.find("errors") == std::string::npos);
}

}  // namespace inpaintd::tools
