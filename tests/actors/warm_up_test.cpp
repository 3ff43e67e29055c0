// SPDX-License-Identifier: Apache-2.0
#include "actors/warm_up.h"

#include <algorithm>

#include "tests/actors/fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Counts = std::vector<std::size_t>;

constexpr std::chrono::hours long_enough{1};

Counts measured_counts(const Result<std::vector<Measurement>, EngineFailure>& measured) {
  REQUIRE(measured);
  Counts counts;
  for (const Measurement& each : *measured) counts.push_back(each.count);
  return counts;
}

}  // namespace

TEST_CASE("a warm-up measures every count once, after a first run that includes one-time work") {
  Counts ran;
  ScriptedEngine engine([&ran](std::span<const NetworkInput> batch) {
    ran.push_back(batch.size());
    return black(batch);
  });
  CHECK(measured_counts(warm_up(engine, {long_enough, 4})) == Counts{1, 2, 4});
  CHECK(ran == Counts{1, 1, 2, 4});
}

TEST_CASE("a warm-up measures every side in turn") {
  std::vector<std::pair<int, std::size_t>> ran;
  ScriptedEngine engine([&ran](std::span<const NetworkInput> batch) {
    ran.emplace_back(batch[0].image->width, batch.size());
    return black(batch);
  });
  const auto measured = warm_up(engine, {long_enough, 2, {64, 256}});
  CHECK(measured_counts(measured) == Counts{1, 2, 1, 2});
  CHECK(measured->front().size == Size{64, 64});
  CHECK(measured->back().size == Size{256, 256});
  CHECK(ran == std::vector<std::pair<int, std::size_t>>{{64, 1}, {64, 1}, {64, 2}, {256, 1}, {256, 1}, {256, 2}});
}

TEST_CASE("a warm-up repeats a count until a run prepares nothing, and measures that run") {
  Counts ran;
  ScriptedEngine engine([&ran, &engine](std::span<const NetworkInput> batch) {
    engine.prepared = std::find(ran.begin(), ran.end(), batch.size()) == ran.end();
    ran.push_back(batch.size());
    return black(batch);
  });
  CHECK(measured_counts(warm_up(engine, {long_enough, 4})) == Counts{1, 2, 4});
  CHECK(ran == Counts{1, 1, 2, 2, 4, 4});
}

TEST_CASE("a warm-up does not measure an engine that still prepares itself when the budget is used up") {
  ScriptedEngine engine([](std::span<const NetworkInput> batch) { return black(batch); });
  engine.prepared = true;
  CHECK(measured_counts(warm_up(engine, {std::chrono::milliseconds(1), 1})).empty());
}
