// SPDX-License-Identifier: Apache-2.0
#include "monitoring/monitor.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace inpaintd;

namespace {

using State = DeviceHealth::State;
using Reasons = std::vector<std::string>;

const Health one_ready{{"cuda:0", State::failed, 3, "out of memory", ""}, {"cuda:1", State::ready, 0, "", "lama"}};
const Health none_ready{{"cuda:0", State::failed, 3, "out of memory", ""}, {"cuda:1", State::starting, 0, "", ""}};

}  // namespace

TEST_CASE("one ready device is enough for readiness") {
  const Readiness now = readiness(Phase::serving, true, one_ready);
  CHECK(now.ready);
  CHECK(now.reasons.empty());
}

TEST_CASE("every reason against readiness is named") {
  CHECK(readiness(Phase::starting, true, one_ready).reasons == Reasons{"the service is starting"});
  CHECK(readiness(Phase::draining, true, one_ready).reasons ==
        Reasons{"the service is draining: it accepts no new requests"});
  CHECK(readiness(Phase::serving, false, one_ready).reasons == Reasons{"there is no connection to NATS"});
  CHECK(readiness(Phase::serving, true, none_ready).reasons == Reasons{"no device is ready", "cuda:0: out of memory"});
  CHECK(readiness(Phase::serving, true, {}).reasons == Reasons{"no device is ready"});
  CHECK(readiness(Phase::draining, false, none_ready).reasons.size() == 4);
  CHECK_FALSE(readiness(Phase::draining, false, none_ready).ready);
}

TEST_CASE("every error code has a count of its own, and the last error is kept") {
  Metrics metrics;
  CHECK(metrics.last_error().empty());
  for (const ErrorInfo& row : error_table) metrics.count_failure({row.code, "because"});
  metrics.count_failure({ErrorCode::overloaded, "full"});
  for (const ErrorInfo& row : error_table) CHECK(metrics.failed(row.code) == (row.name == "overloaded" ? 2 : 1));
  CHECK(metrics.failed() == error_table.size() + 1);
  CHECK(metrics.last_error() == "429:full");
}

TEST_CASE("tiles are counted by the sides of the ladder, and all other sizes together") {
  Metrics metrics({64, 128});
  Input input;
  for (const Size size : {Size{64, 64}, Size{128, 128}, Size{64, 64}, Size{64, 128}, Size{72, 72}}) {
    const auto pixels = std::make_shared<const Pixels>(size.width, size.height, 1);
    input.tiles.push_back({{0, 0, size.width, size.height}, size, pixels, pixels});
  }
  metrics.count_done(&input, {});
  std::map<std::string, double> counts;
  for (const auto& family : metrics.collect())
    if (family.name == "inpaintd_tiles_total")
      for (const auto& metric : family.metric) counts[metric.label.at(0).value] = metric.counter.value;
  CHECK(counts == std::map<std::string, double>{{"64x64", 2}, {"128x128", 1}, {"other", 2}});
}

TEST_CASE("pixels are counted with and without their padding") {
  Metrics metrics;
  Input input;
  const auto padded = std::make_shared<const Pixels>(16, 8, 3);
  input.tiles.push_back({{0, 0, 10, 5}, {10, 5}, padded, padded, {2, 2, 4, 3}});
  input.tiles.push_back({{0, 0, 32, 16}, {16, 8}, padded, padded});  // scaled to a half
  metrics.count_done(&input, {std::chrono::milliseconds(2), {}, {}, {}, std::chrono::milliseconds(7)});
  CHECK(metrics.pixels_asked == 10 * 5 + 16 * 8);
  CHECK(metrics.pixels_run == 2 * 16 * 8);
  CHECK(metrics.pixels_needed == 4 * 3);
  CHECK(metrics.done == 1);
  CHECK(metrics.decode_time.sum() == doctest::Approx(0.002));
  CHECK(metrics.request_time.sum() == doctest::Approx(0.007));
  CHECK(metrics.request_time.count() == 1);
}
