// SPDX-License-Identifier: Apache-2.0
#include "actors/device.h"

#include <algorithm>

#include "tests/actors/device_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;
using Failure = EngineFailure;

bool has_poison(std::span<const NetworkInput> batch) {
  return std::any_of(batch.begin(), batch.end(),
                     [](const NetworkInput& input) { return bounding_box(*input.mask).empty(); });
}

}  // namespace

TEST_CASE_FIXTURE(DeviceFixture, "a device takes a batch, answers all of its jobs, and reports the measured time") {
  start([](auto batch) { return black(batch); });
  CHECK(ready == Ids{"test"});
  CHECK(enlisted->name == "test");
  CHECK(said.empty());
  give({job("a"), job("b")});
  CHECK(ends() == Ids{"a: ok", "b: ok"});
  const RunInfo& run_info = std::get<Computed>(outcomes[0].ending).run;
  CHECK(run_info.batch_size == 2);
  CHECK(run_info.device == "test");
  CHECK(said == Ids{"started", "idle"});
  REQUIRE(measured.size() == 1);
  CHECK(measured[0].count == 2);
  CHECK(measured[0].size == Size{64, 64});
  CHECK(measured[0].whole);
}

TEST_CASE_FIXTURE(DeviceFixture, "a device takes a next batch that is ready without waiting for a message") {
  start([this, first = true](auto batch) mutable {
    if (std::exchange(first, false)) enlisted->next->put(batch_of({job("second")}));
    return black(batch);
  });
  give({job("first")});
  CHECK(ends() == Ids{"first: ok", "second: ok"});
  CHECK(said == Ids{"started", "started", "idle"});
}

TEST_CASE_FIXTURE(DeviceFixture, "a run that prepared something for later runs is not measured as their time") {
  start([this, first = true](auto batch) mutable {
    engine->prepared = std::exchange(first, false);
    return black(batch);
  });
  give({job("cold")});
  give({job("warm")});
  REQUIRE(measured.size() == 2);
  CHECK_FALSE(measured[0].whole);
  CHECK(measured[1].whole);
}

TEST_CASE_FIXTURE(DeviceFixture, "a device that is told to work but finds no batch reports that it is idle") {
  start([](auto batch) { return black(batch); });
  caf::anon_send(device, work_atom_v);
  run();
  CHECK(said == Ids{"idle"});
}

TEST_CASE_FIXTURE(DeviceFixture, "one bad image does not fail its neighbours, at whatever position of the batch") {
  for (std::size_t bad = 0; bad < 5; ++bad) {
    CAPTURE(bad);
    outcomes.clear();
    start([](auto batch) -> Result<std::vector<Pixels>, Failure> {
      if (has_poison(batch)) return Failure{Failure::Kind::failed, "poison"};
      return black(batch);
    });
    std::vector<JobPtr> jobs;
    for (std::size_t i = 0; i < 5; ++i) jobs.push_back(i == bad ? poisoned("bad") : job("good"));
    give(jobs);
    auto got = ends();
    std::sort(got.begin(), got.end());
    CHECK(got == Ids{"bad: device_failed", "good: ok", "good: ok", "good: ok", "good: ok"});
    exit(device);
    run();
  }
}

TEST_CASE_FIXTURE(
    DeviceFixture,
    "a transient failure does not reach the client, because an image that failed alone is tried once more") {
  int calls = 0;
  start([&calls](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (++calls == 1) return Failure{Failure::Kind::failed, "hiccup"};
    return black(batch);
  });
  give({job("a")});
  CHECK(ends() == Ids{"a: ok"});
  CHECK(calls == 2);
}

TEST_CASE_FIXTURE(DeviceFixture, "predictions of an engine that returns too few of them are not used") {
  start([](auto batch) {
    auto answers = black(batch);
    if (answers.size() > 1) answers.pop_back();
    return answers;
  });
  give({job("a"), job("b"), job("c")});
  CHECK(ends() == Ids{"a: ok", "b: ok", "c: ok"});
}

TEST_CASE_FIXTURE(DeviceFixture,
                  "when memory runs out, the engine frees its memory, the batch is halved, and the count is reported") {
  std::vector<std::size_t> sizes;
  start([&sizes](auto batch) -> Result<std::vector<Pixels>, Failure> {
    sizes.push_back(batch.size());
    if (batch.size() > 2) return Failure{Failure::Kind::out_of_memory, "out of memory"};
    return black(batch);
  });
  give({job("a"), job("b"), job("c"), job("d")});
  CHECK(ends() == Ids{"a: ok", "b: ok", "c: ok", "d: ok"});
  CHECK(sizes == std::vector<std::size_t>{4, 2, 2});
  CHECK(engine->released == 1);
  REQUIRE(measured.size() == 1);
  CHECK(measured[0].out_of_memory_from == 4);
  CHECK(!measured[0].whole);
}

TEST_CASE_FIXTURE(DeviceFixture,
                  "a picture that does not fit in memory alone is too large, and its neighbours are computed") {
  const auto bad = job("large", {.size = {128, 64}});
  start([](auto batch) -> Result<std::vector<Pixels>, Failure> {
    const bool large = std::any_of(batch.begin(), batch.end(), [](auto& input) { return input.image->width == 128; });
    if (large) return Failure{Failure::Kind::out_of_memory, "out of memory"};
    return black(batch);
  });
  give({job("a"), bad, job("c")});
  auto got = ends();
  std::sort(got.begin(), got.end());
  CHECK(got == Ids{"a: ok", "c: ok", "large: too_large"});
  for (const Outcome& outcome : outcomes)
    if (const Error* error = outcome.error()) {
      CHECK(error->message.find("128x64") != std::string::npos);
      CHECK_FALSE(info(error->code).retryable);
    }
  CHECK(engine->released == 4);  // for all three, for two of them, and for each of the two tries of the large picture
}

TEST_CASE_FIXTURE(DeviceFixture, "an answer that is not finite fails its image alone") {
  start([](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (has_poison(batch)) return Failure{Failure::Kind::not_finite, "NaN"};
    return black(batch);
  });
  give({job("a"), poisoned("bad"), job("c")});
  auto got = ends();
  std::sort(got.begin(), got.end());
  CHECK(got == Ids{"a: ok", "bad: device_failed", "c: ok"});
}

TEST_CASE_FIXTURE(DeviceFixture,
                  "a job whose deadline has passed when the device starts is answered and not computed") {
  std::size_t computed = 0;
  start([&computed](auto batch) {
    computed += batch.size();
    return black(batch);
  });
  const auto late = job("late", {.timeout = 10ms});
  advance(10ms);
  give({late, job("fresh")});
  CHECK(ends() == Ids{"late: deadline_exceeded", "fresh: ok"});
  CHECK(computed == 1);
}
