// SPDX-License-Identifier: Apache-2.0
#include "monitoring/device_load.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace std::chrono_literals;

namespace {

const TimePoint start{1h};

}  // namespace

TEST_CASE("the weight of a moment is halved every ten seconds") {
  BusyShare share(start);
  CHECK(share.value() == 0);
  share.record(true, start + 10s);
  CHECK(share.value() == doctest::Approx(0.5));
  share.record(true, start + 20s);
  CHECK(share.value() == doctest::Approx(0.75));
  share.record(false, start + 30s);
  CHECK(share.value() == doctest::Approx(0.375));
  share.record(true, start + 1000s);
  CHECK(share.value() == doctest::Approx(1.0));
}

TEST_CASE("the number of records does not change the busy share") {
  BusyShare often(start);
  for (int i = 1; i <= 100; ++i) often.record(i % 2 == 0, start + i * 100ms);
  BusyShare once(start);
  once.record(false, start + 100ms);
  for (int i = 2; i <= 100; i += 2) {
    once.record(true, start + i * 100ms);
    if (i < 100) once.record(false, start + (i + 1) * 100ms);
  }
  CHECK(often.value() == doctest::Approx(once.value()));
  CHECK(often.value() == doctest::Approx(0.25).epsilon(0.02));  // busy half of the time, for one half-life
}

TEST_CASE("a load counts the completed batches and the running one") {
  DeviceLoad load(start);
  auto seen = load.read(start);
  CHECK(seen.batches == 0);
  CHECK(seen.batch_size_mean() == 0);

  load.begin(4, start + 1s);
  seen = load.read(start + 3s);
  CHECK(seen.running_tiles == 4);
  CHECK(seen.busy == 2s);
  CHECK(seen.batches == 0);
  load.end(true, start + 5s);
  seen = load.read(start + 9s);
  CHECK(seen.running_tiles == 0);
  CHECK(seen.busy == 4s);
  CHECK(seen.batches == 1);
  CHECK(seen.tiles == 4);
  CHECK(seen.batch_latency.count() == doctest::Approx(4));

  load.begin(1, start + 10s);
  load.end(true, start + 11s);
  seen = load.read(start + 11s);
  CHECK(seen.batch_size_mean() == 2.5);
  CHECK(seen.batch_latency.count() == doctest::Approx(3.7));  // a tenth of the way from 4 to 1
  CHECK(seen.failed_batches == 0);
}

TEST_CASE("a failed batch counts as busy time, not as a latency") {
  DeviceLoad load(start);
  load.begin(2, start);
  load.end(false, start + 1s);
  const auto seen = load.read(start + 1s);
  CHECK(seen.busy == 1s);
  CHECK(seen.batches == 1);
  CHECK(seen.failed_batches == 1);
  CHECK(seen.batch_latency.count() == 0);
}

TEST_CASE("a batch of an abandoned engine that returns late is not counted") {
  DeviceLoad load(start);
  load.begin(2, start);  // hangs, and its slot gets a new engine
  load.begin(3, start + 1s);
  load.end(true, start + 2s);
  load.end(true, start + 3s);  // the abandoned engine returns
  const auto seen = load.read(start + 3s);
  CHECK(seen.batches == 1);
  CHECK(seen.tiles == 3);
  CHECK(seen.busy == 1s);
}
