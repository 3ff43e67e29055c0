// SPDX-License-Identifier: Apache-2.0
// The beginning and the end of a device: loading, warm-up, loss, and the freeing of its engine.
#include "tests/actors/device_fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;
using Failure = EngineFailure;

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
