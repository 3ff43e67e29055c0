// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/peak.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace inpaintd::tools {
namespace {

using namespace std::chrono_literals;

/// The rates that are tried when all up to `limit` pass.
std::vector<double> rates_tried(double start, double limit) {
  PeakSearch search(start);
  std::vector<double> rates;
  while (const auto rate = search.next()) {
    rates.push_back(*rate);
    search.record(*rate, *rate <= limit);
  }
  return rates;
}

Trial good_trial() {
  Trial trial;
  trial.rate = 10;
  trial.report.sent = trial.report.ok = 100;
  trial.report.latency_ms = {50, 100, 200, 250, 300};
  return trial;
}

}  // namespace

TEST_CASE("the search doubles until a rate fails, then bisects to 2 %") {
  CHECK(rates_tried(1, 9) == std::vector<double>{1, 2, 4, 8, 16, 12, 10, 9, 9.5, 9.25, 9.125});
  CHECK(rates_tried(8, 100) == std::vector<double>{8, 16, 32, 64, 128, 96, 112, 104, 100, 102});
}

TEST_CASE("when the first rate fails, the search halves the rate until one passes") {
  CHECK(rates_tried(16, 3) == std::vector<double>{16, 8, 4, 2, 3, 3.5, 3.25, 3.125, 3.0625, 3.03125});
}

TEST_CASE("the search ends after 14 trials, whatever their outcomes") {
  CHECK(rates_tried(1, 1e12).size() == PeakSearch::trials_max);
  CHECK(rates_tried(1, 0).size() == PeakSearch::trials_max);
}

TEST_CASE("the best rate is the highest that passed; nothing when none did") {
  PeakSearch search(4);
  CHECK_FALSE(search.best());
  search.record(4, true);
  search.record(8, false);
  search.record(6, true);
  search.record(7, false);
  CHECK(search.best() == 6.0);
  PeakSearch none(4);
  none.record(4, false);
  CHECK_FALSE(none.best());
}

TEST_CASE("a rate passes with p99 at the limit, and a failure has its reason in words") {
  CHECK_FALSE(why_failed(good_trial(), 200ms));
  CHECK(why_failed(good_trial(), 199ms) == "p99 is above the limit");
  Trial trial = good_trial();
  trial.given_up = true;
  CHECK(why_failed(trial, 200ms) == "a queue grew");
  trial = good_trial();
  trial.report.lag_large = true;
  CHECK(why_failed(trial, 200ms) == "this machine could not send fast enough");
  trial = good_trial();
  trial.report.errors = {{"overloaded", 1}};
  CHECK(why_failed(trial, 200ms) == "requests were refused");
  trial = good_trial();
  trial.report.keeps_up = false;
  CHECK(why_failed(trial, 200ms) == "the service did not keep up");
  trial = good_trial();
  trial.report.unanswered = 1;
  CHECK(why_failed(trial, 200ms) == "requests were lost");
}

TEST_CASE("poison that is refused does not fail a rate") {
  Trial trial = good_trial();
  trial.report.errors = trial.report.poison = {{"unsupported_image", 2}};
  CHECK_FALSE(why_failed(trial, 200ms));
}

TEST_CASE("the search is printed in words and in JSON") {
  CHECK(describe(good_trial(), 200ms) == "     10.00/s  p50     50.00 ms  p99    200.00 ms  passed");
  using nlohmann::ordered_json;
  CHECK(ordered_json::parse(to_json({good_trial()}, 10.0, 200ms)) == ordered_json::parse(R"({
    "peak": 10, "slo_p99_ms": 200, "trials": [{"rate": 10, "answered_per_s": 0, "p50_ms": 50, "p99_ms": 200, "sent": 0,
    "answered": 0, "passed": true}]})"));
  CHECK(to_json({}, std::nullopt, 200ms).find("\"peak\": null") != std::string::npos);
}

}  // namespace inpaintd::tools
