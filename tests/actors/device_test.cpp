// SPDX-License-Identifier: Apache-2.0
#include "actors/device.h"

#include <algorithm>

#include "fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;
using Failure = EngineFailure;

// The batcher's side of the conversation: counts how often the device asked.
struct DeviceFixture : ActorFixture {
  DeviceFixture() {
    const auto listener = [this](caf::event_based_actor*) -> caf::behavior {
      return {
          [this](ready_atom, const caf::actor&, const Measurement& last) { asked.push_back(last); },
          [this](const DeviceFacts& facts) { ready.push_back(facts.device); },
      };
    };
    other = system.spawn(listener);
  }
  ~DeviceFixture() {
    exit(device);
    exit(other);
    run();
  }
  void start(ScriptedEngine::Run script) {
    start_with([script]() -> Result<std::unique_ptr<Inpainter>, Failure> {
      return std::unique_ptr<Inpainter>(std::make_unique<ScriptedEngine>(script));
    });
  }
  void start_with(EngineFactory factory) {
    device = system.spawn<Device>(std::move(factory), other, other, repliers());
    run();
  }
  void give(const std::vector<JobPtr>& jobs) {
    std::vector<Task> tasks;
    for (const auto& job : jobs) tasks.push_back({job, 0, 1});
    caf::anon_send(device, std::make_shared<std::vector<Task>>(std::move(tasks)));
    run();
  }
  // The poisoned input is the one whose mask is all zero.
  JobPtr poisoned(const std::string& id) {
    auto bad = job(id);
    const_cast<Tile&>(bad->input().tiles[0]).mask = std::make_shared<Pixels>(64, 64, 1);
    return bad;
  }

  caf::actor other, device;
  std::vector<Measurement> asked;
  std::vector<std::string> ready;
};

bool has_poison(std::span<const NetworkInput> batch) {
  return std::any_of(batch.begin(), batch.end(), [](const NetworkInput& input) { return input.mask->bytes[0] == 0; });
}

}  // namespace

TEST_CASE_FIXTURE(DeviceFixture, "a device asks for one batch, answers every job of it, and asks for the next") {
  start([](auto batch) { return black(batch); });
  CHECK(ready == Ids{"test"});
  CHECK(asked.size() == 1);
  give({job("a"), job("b")});
  CHECK(ends() == Ids{"a: ok", "b: ok"});
  CHECK(outcomes[0].batch_size == 2);
  CHECK(outcomes[0].device == "test");
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].count == 2);
  CHECK(asked[1].size == Size{64, 64});
}

TEST_CASE_FIXTURE(DeviceFixture, "one bad image does not fail its neighbours, wherever it stands in the batch") {
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

TEST_CASE_FIXTURE(DeviceFixture, "a failure that passes does not reach the client: one try more for an image alone") {
  int calls = 0;
  start([&calls](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (++calls == 1) return Failure{Failure::Kind::failed, "hiccup"};
    return black(batch);
  });
  give({job("a")});
  CHECK(ends() == Ids{"a: ok"});
  CHECK(calls == 2);
}

TEST_CASE_FIXTURE(DeviceFixture, "an engine that answers too few pictures is not believed") {
  start([](auto batch) {
    auto answers = black(batch);
    if (answers.size() > 1) answers.pop_back();
    return answers;
  });
  give({job("a"), job("b"), job("c")});
  CHECK(ends() == Ids{"a: ok", "b: ok", "c: ok"});
}

TEST_CASE_FIXTURE(DeviceFixture, "out of memory halves the batch") {
  std::vector<std::size_t> sizes;
  start([&sizes](auto batch) -> Result<std::vector<Pixels>, Failure> {
    sizes.push_back(batch.size());
    if (batch.size() > 2) return Failure{Failure::Kind::out_of_memory, "out of memory"};
    return black(batch);
  });
  give({job("a"), job("b"), job("c"), job("d")});
  CHECK(ends() == Ids{"a: ok", "b: ok", "c: ok", "d: ok"});
  CHECK(sizes == std::vector<std::size_t>{4, 2, 2});
}

TEST_CASE_FIXTURE(DeviceFixture, "a lost device ends its actor and answers nothing: the batcher has the jobs") {
  start([](auto) -> Result<std::vector<Pixels>, Failure> {
    return Failure{Failure::Kind::device_lost, "context lost"};
  });
  give({job("a"), job("b")});
  CHECK(ends().empty());
  CHECK(asked.size() == 1);
}

TEST_CASE_FIXTURE(DeviceFixture, "a job whose time is over when the device starts is answered, not computed") {
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

TEST_CASE_FIXTURE(DeviceFixture, "an engine that cannot be loaded ends the actor before it asks for work") {
  start_with([]() -> Result<std::unique_ptr<Inpainter>, Failure> {
    return Failure{Failure::Kind::failed, "no such file"};
  });
  CHECK(asked.empty());
  CHECK(ready.empty());
}
