// SPDX-License-Identifier: Apache-2.0
#include "scheduling/latency_table.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace std::chrono_literals;

TEST_CASE("there is no estimate before the first measurement") {
  CHECK(!LatencyTable().estimate("cpu", {256, 256}, 1));
}

TEST_CASE("an estimate is a mean of the measured times in which newer batches weigh more") {
  LatencyTable table;
  table.record("cpu", {256, 256}, 1, 100ms);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 100ms);
  table.record("cpu", {256, 256}, 1, 200ms);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 120ms);
}

TEST_CASE("a size that was not measured is scaled by pixels from the nearest measured size") {
  LatencyTable table;
  table.record("cpu", {256, 256}, 1, 100ms);
  table.record("cpu", {512, 512}, 1, 500ms);
  CHECK(table.estimate("cpu", {512, 512}, 2) == 1000ms);
  CHECK(table.estimate("cpu", {128, 256}, 1) == 50ms);
}

TEST_CASE("the measurements of the device itself come before those of other devices") {
  LatencyTable table;
  table.record("cuda:0", {256, 256}, 1, 1ms);
  table.record("cpu", {1024, 1024}, 1, 1600ms);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 100ms);
  CHECK(table.estimate("cuda:1", {256, 256}, 2) == 2ms);
}

TEST_CASE("estimates are linear between two measured counts and proportional beyond them") {
  LatencyTable table;
  table.record("cuda:0", {256, 256}, 2, 10ms);
  table.record("cuda:0", {256, 256}, 6, 18ms);
  CHECK(table.estimate("cuda:0", {256, 256}, 1) == 5ms);
  CHECK(table.estimate("cuda:0", {256, 256}, 4) == 14ms);
  CHECK(table.estimate("cuda:0", {256, 256}, 12) == 36ms);
}

TEST_CASE("sizes of nearly the same area share measurements, scaled by pixels") {
  LatencyTable table;
  table.record("cpu", {256, 256}, 1, 100ms);
  table.record("cpu", {256, 272}, 1, 106250us);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 100ms);
  CHECK(table.estimate("cpu", {512, 128}, 1) == 100ms);
}

TEST_CASE("an estimate is solid after three batches of its size on its device") {
  LatencyTable table;
  table.record("cpu", {256, 256}, 1, 100ms);
  table.record("cpu", {256, 256}, 4, 400ms);
  CHECK(!table.solid("cpu", {256, 256}));
  table.record("cpu", {256, 256}, 1, 100ms);
  CHECK(table.solid("cpu", {256, 256}));
  CHECK(!table.solid("cpu", {512, 512}));
  CHECK(!table.solid("cuda:0", {256, 256}));
}

TEST_CASE("a count is outdated before it was measured, and again after two hundred other batches") {
  LatencyTable table;
  CHECK(table.outdated("cpu", {256, 256}, 2));
  table.record("cpu", {256, 256}, 2, 200ms);
  for (int batch = 0; batch < 200; ++batch) table.record("cpu", {256, 256}, 1, 100ms);
  CHECK(!table.outdated("cpu", {256, 256}, 2));
  CHECK(table.outdated("cpu", {256, 256}, 4));
  table.record("cpu", {256, 256}, 1, 100ms);
  CHECK(table.outdated("cpu", {256, 256}, 2));
  table.record("cpu", {256, 256}, 2, 300ms);
  CHECK(table.estimate("cpu", {256, 256}, 2) == 300ms);
}
