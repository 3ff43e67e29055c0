// SPDX-License-Identifier: Apache-2.0
#include "actors/device.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/actors/fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;
using Failure = EngineFailure;

// The batcher's and the supervisor's side of the conversation: keeps what the device says.
struct DeviceFixture : ActorFixture {
  DeviceFixture() {
    const auto listener = [this](caf::event_based_actor*) -> caf::behavior {
      return {
          [this](const caf::actor&, const Enlistment& enlistment) { enlisted = enlistment; },
          [this](started_atom, const caf::actor&, const Measurement& last) { note("started", last); },
          [this](idle_atom, const caf::actor&, const Measurement& last) { note("idle", last); },
          [this](lost_atom, const std::string& why) { lost.push_back(why); },
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
  void start(ScriptedEngine::Run script, const WarmUpSettings& warm_up = {}) {
    const auto make = [script, this]() -> Result<std::unique_ptr<Inpainter>, Failure> {
      auto made = std::make_unique<ScriptedEngine>(script);
      engine = made.get();
      return std::unique_ptr<Inpainter>(std::move(made));
    };
    start_with(make, warm_up);
  }
  void start_with(EngineFactory factory, const WarmUpSettings& warm_up = {}) {
    device = system.spawn<Device>(std::move(factory), warm_up, other, other, repliers());
    run();
  }
  static Batch batch_of(const std::vector<JobPtr>& jobs) {
    std::vector<Task> tasks;
    for (const auto& job : jobs) tasks.push_back({job, 0});
    return std::make_shared<const std::vector<Task>>(std::move(tasks));
  }
  void give(const std::vector<JobPtr>& jobs) {
    enlisted->next->put(batch_of(jobs));
    caf::anon_send(device, work_atom_v);
    run();
  }
  void note(const std::string& what, const Measurement& last) {
    said.push_back(what);
    if (last.count > 0) measured.push_back(last);
  }
  // The poisoned input is the one whose mask is all zero.
  JobPtr poisoned(const std::string& id) {
    auto bad = job(id);
    const_cast<Tile&>(bad->input().tiles[0]).mask = std::make_shared<Pixels>(64, 64, 1);
    return bad;
  }

  caf::actor other, device;
  std::optional<Enlistment> enlisted;
  std::vector<std::string> said;
  std::vector<Measurement> measured;
  std::vector<std::string> ready, lost;
  ScriptedEngine* engine = nullptr;
};

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

TEST_CASE_FIXTURE(DeviceFixture, "a device whose engine fails on every picture ends without answering requests") {
  start([](auto) -> Result<std::vector<Pixels>, Failure> { return Failure{Failure::Kind::failed, "broken"}; });
  give({job("a"), job("b")});
  CHECK(ends().empty());
  CHECK(said == Ids{"started"});
  CHECK(lost.empty());
}

TEST_CASE_FIXTURE(DeviceFixture, "a lost device ends without answering requests, which stay with the batcher") {
  start(
      [](auto) -> Result<std::vector<Pixels>, Failure> { return Failure{Failure::Kind::device_lost, "context lost"}; });
  give({job("a"), job("b")});
  CHECK(ends().empty());
  CHECK(said == Ids{"started"});
  CHECK(lost == Ids{"context lost", "test"});  // the supervisor gets the reason, and the batcher the name of the device
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

TEST_CASE_FIXTURE(DeviceFixture, "an engine that cannot be loaded ends the actor before the actor asks for work") {
  start_with(
      []() -> Result<std::unique_ptr<Inpainter>, Failure> { return Failure{Failure::Kind::failed, "no such file"}; });
  CHECK(!enlisted);
  CHECK(ready.empty());
}

TEST_CASE_FIXTURE(DeviceFixture,
                  "a warm-up runs a batch of 1 twice, then 2, 4, ... up to the largest batch, and reports the times") {
  std::vector<std::size_t> sizes;
  start(
      [&sizes](auto batch) {
        sizes.push_back(batch.size());
        return black(batch);
      },
      {60s, 6});
  CHECK(sizes == std::vector<std::size_t>{1, 1, 2, 4, 6});
  REQUIRE(enlisted);
  std::vector<std::size_t> counts;
  for (const Measurement& each : enlisted->known) counts.push_back(each.count);
  CHECK(counts == std::vector<std::size_t>{1, 2, 4, 6});
}

TEST_CASE_FIXTURE(DeviceFixture, "a warm-up ends at the first batch that fails, and the device works afterwards") {
  start(
      [](auto batch) -> Result<std::vector<Pixels>, Failure> {
        if (batch.size() > 2) return Failure{Failure::Kind::out_of_memory, "out of memory"};
        return black(batch);
      },
      {60s, 8});
  REQUIRE(enlisted);
  CHECK(enlisted->known.size() == 2);
  give({job("a")});
  CHECK(ends() == Ids{"a: ok"});
}

TEST_CASE_FIXTURE(DeviceFixture, "a device that is lost during its warm-up never enlists") {
  start([](auto) -> Result<std::vector<Pixels>, Failure> { return Failure{Failure::Kind::device_lost, "gone"}; },
        {60s, 8});
  CHECK(!enlisted);
  CHECK(lost == Ids{"gone", "test"});
}

TEST_CASE_FIXTURE(DeviceFixture, "a device that is lost while its engine loads is reported as lost") {
  start_with([]() -> Result<std::unique_ptr<Inpainter>, Failure> {
    return Failure{Failure::Kind::device_lost, "an illegal memory access was encountered"};
  });
  CHECK(lost == Ids{"an illegal memory access was encountered"});
}

TEST_CASE_FIXTURE(DeviceFixture, "an engine that cannot be loaded for another reason is not reported as lost") {
  start_with(
      []() -> Result<std::unique_ptr<Inpainter>, Failure> { return Failure{Failure::Kind::failed, "no such file"}; });
  CHECK(lost.empty());
}

namespace {

/// Counts how often engines were freed.
class FreedEngine : public ScriptedEngine {
 public:
  FreedEngine(Run run, int& freed) : ScriptedEngine(std::move(run)), freed_(freed) {}
  ~FreedEngine() override { ++freed_; }

 private:
  int& freed_;
};

EngineFactory counting(ScriptedEngine::Run run, int& freed) {
  return [run, &freed]() -> Result<std::unique_ptr<Inpainter>, Failure> {
    return std::unique_ptr<Inpainter>(std::make_unique<FreedEngine>(run, freed));
  };
}

}  // namespace

TEST_CASE_FIXTURE(DeviceFixture, "an engine is freed when its device ends, even if handles to the actor remain") {
  int freed = 0;
  start_with(counting([](auto batch) { return black(batch); }, freed));
  exit(device);
  run();
  CHECK(freed == 1);
}

TEST_CASE_FIXTURE(DeviceFixture, "the engine of a lost device is never freed, because freeing could end the process") {
  static int freed = 0;  // outlives the engine
  start_with(counting(
      [](auto) -> Result<std::vector<Pixels>, Failure> { return Failure{Failure::Kind::device_lost, "gone"}; }, freed));
  give({job("a")});
  CHECK(lost == Ids{"gone", "test"});  // the supervisor gets the reason, and the batcher the name of the device
  exit(device);
  device = nullptr;
  run();
  CHECK(freed == 0);
}
