// SPDX-License-Identifier: Apache-2.0
#include "core/latency_table.h"

#include <doctest/doctest.h>

using namespace inpaintd;
using namespace std::chrono_literals;

TEST_CASE("nothing is known before the first measurement") { CHECK(!LatencyTable().estimate("cpu", {256, 256}, 1)); }

TEST_CASE("what was measured is told, newer batches weighing more") {
  LatencyTable table;
  table.record("cpu", {256, 256}, 1, 100ms);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 100ms);
  table.record("cpu", {256, 256}, 1, 200ms);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 120ms);
}

TEST_CASE("what was not measured is scaled by pixels from the nearest that was") {
  LatencyTable table;
  table.record("cpu", {256, 256}, 1, 100ms);
  table.record("cpu", {512, 512}, 1, 500ms);
  CHECK(table.estimate("cpu", {512, 512}, 2) == 1000ms);
  CHECK(table.estimate("cpu", {128, 256}, 1) == 50ms);
}

TEST_CASE("a device that was measured counts before any other") {
  LatencyTable table;
  table.record("cuda:0", {256, 256}, 1, 1ms);
  table.record("cpu", {1024, 1024}, 1, 1600ms);
  CHECK(table.estimate("cpu", {256, 256}, 1) == 100ms);
  CHECK(table.estimate("cuda:1", {256, 256}, 2) == 2ms);
}
