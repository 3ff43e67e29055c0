// SPDX-License-Identifier: Apache-2.0
#include "scheduling/forecast.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace std::chrono_literals;

namespace {

constexpr Size small{256, 256};
constexpr Size large{512, 512};

// 10 ms for one, 16 ms for four: 4 ms each.
LatencyTable measured() {
  LatencyTable table;
  for (int i = 0; i < 2; ++i) {
    table.record("cuda:0", small, 1, 10ms);
    table.record("cuda:0", small, 4, 16ms);
  }
  return table;
}

}  // namespace

TEST_CASE("there is no forecast without devices or without measurements") {
  const LatencyTable table = measured(), empty;
  CHECK(!Forecast(table, {}, 4).until_done(small, 1));
  CHECK(!Forecast(empty, {{"cuda:0"}}, 4).until_done(small, 1));
}

TEST_CASE("the forecast adds the running batch, the work ahead at the best batch size, and the request itself") {
  const LatencyTable table = measured();
  Forecast forecast(table, {{"cuda:0", 7ms}}, 4);
  CHECK(forecast.until_free() == 7ms);
  CHECK(forecast.until_done(small, 1) == 17ms);
  CHECK(forecast.until_done(small, 3) == 25ms);
  forecast.add_ahead(small, 10);
  CHECK(forecast.until_free() == 47ms);
  forecast.add_ahead(large, 1);  // four times the pixels
  CHECK(forecast.until_done(small, 1) == 73ms);
}

TEST_CASE("two devices do the work ahead in half the time") {
  const LatencyTable table = measured();
  Forecast forecast(table, {{"cuda:0", 8ms}, {"cuda:0", 0ms}}, 4);
  forecast.add_ahead(small, 10);
  CHECK(forecast.until_free() == 24ms);
}

TEST_CASE("the least time of a tile is known only when it is solid on every device") {
  LatencyTable table = measured();
  CHECK(Forecast(table, {{"cuda:0"}}, 4).at_least(small) == 10ms);
  CHECK(!Forecast(table, {{"cuda:0"}}, 4).at_least(large));
  CHECK(!Forecast(table, {{"cuda:0"}, {"cuda:1"}}, 4).at_least(small));
  for (int i = 0; i < 3; ++i) table.record("cuda:1", small, 1, 8ms);
  CHECK(Forecast(table, {{"cuda:0"}, {"cuda:1"}}, 4).at_least(small) == 8ms);
}
