// SPDX-License-Identifier: Apache-2.0
#include "actors/supervisor.h"

#include "actors/batcher.h"
#include "fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;
using Failure = EngineFailure;
using State = DeviceHealth::State;

// Supervisor, batcher and devices together, all on the deterministic scheduler.
struct SupervisorFixture : ActorFixture {
  SupervisorFixture() : batcher(system.spawn<Batcher>(BatcherSettings{{4, 5ms}, 1}, repliers())) {}
  ~SupervisorFixture() {
    exit(supervisor);
    exit(batcher);
    run();
  }
  void start(EngineFactory factory) {
    const auto spawn = [this](Supervisor& self, const EngineFactory& make) {
      return self.spawn<Device>(make, batcher, caf::actor_cast<caf::actor>(&self), repliers());
    };
    supervisor = system.spawn<Supervisor>(std::vector<DeviceSlot>{{"test", std::move(factory)}}, spawn, board, metrics);
    run();
  }
  void start(ScriptedEngine::Run script) {
    start([this, script]() -> Result<std::unique_ptr<Inpainter>, Failure> {
      ++loads;
      return std::unique_ptr<Inpainter>(std::make_unique<ScriptedEngine>(script));
    });
  }
  void send(const JobPtr& job) {
    caf::anon_send(batcher, job);
    run();
  }

  caf::actor batcher, supervisor;
  std::shared_ptr<HealthBoard> board = std::make_shared<HealthBoard>(std::vector<std::string>{"test"});
  std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
  int loads = 0;
};

}  // namespace

TEST_CASE_FIXTURE(SupervisorFixture,
                  "a device that dies is started again after half a second, and its job is done then") {
  int calls = 0;
  start([&calls](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (++calls == 1) return Failure{Failure::Kind::device_lost, "context lost"};
    return black(batch);
  });
  CHECK(board->read()[0].state == State::ready);
  send(job("a"));
  advance(5ms);
  CHECK(board->read()[0].state == State::failed);
  CHECK(board->read()[0].last_error.find("context lost") != std::string::npos);
  CHECK(ends().empty());
  advance(499ms);
  CHECK(loads == 1);
  advance(1ms);
  CHECK(loads == 2);
  advance(5ms);
  CHECK(ends() == Ids{"a: ok"});
  CHECK(board->read()[0].state == State::ready);
  CHECK(metrics->device_restarts == 1);
}

TEST_CASE_FIXTURE(SupervisorFixture, "a crash in the engine is a death like any other") {
  int calls = 0;
  start([&calls](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (++calls == 1) throw std::runtime_error("bug in the engine");
    return black(batch);
  });
  send(job("a"));
  advance(5ms);
  advance(500ms);
  advance(5ms);
  CHECK(ends() == Ids{"a: ok"});
}

TEST_CASE_FIXTURE(SupervisorFixture, "the back-off doubles while a device cannot be loaded, up to half a minute") {
  start([this]() -> Result<std::unique_ptr<Inpainter>, Failure> {
    ++loads;
    return Failure{Failure::Kind::failed, "no such file"};
  });
  CHECK(loads == 1);
  int expected = 1;
  for (const auto delay : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms}) {
    advance(delay - 1ms);
    CHECK(loads == expected);
    advance(1ms);
    CHECK(loads == ++expected);
  }
  CHECK(board->read()[0].last_error.find("no such file") != std::string::npos);
  CHECK(!board->wait_for_first_ready(std::chrono::seconds(0)));
}

TEST_CASE_FIXTURE(SupervisorFixture, "every accepted job ends exactly once, whatever the device does") {
  // Fails, dies, crashes and succeeds by turns, over enough jobs to meet every order of these.
  unsigned state = 12345;
  start([&state](auto batch) -> Result<std::vector<Pixels>, Failure> {
    state = state * 1664525u + 1013904223u;
    switch (state >> 30) {
      case 0:
        return Failure{Failure::Kind::failed, "failed"};
      case 1:
        return Failure{Failure::Kind::device_lost, "lost"};
      case 2:
        throw std::runtime_error("crash");
      default:
        return black(batch);
    }
  });
  std::map<std::string, int> answers;
  for (int i = 0; i < 200; ++i) {
    const std::string id = "job" + std::to_string(i);
    answers[id] = 0;
    send(job(id, {.size = {64, 64 + 8 * (i % 3)}, .tiles = 1u + i % 2u}));
    if (i % 7 == 0) advance(600ms);
  }
  for (int i = 0; i < 400; ++i) advance(1000ms);
  for (const Outcome& outcome : outcomes) ++answers[outcome.ticket.id];
  CHECK(answers.size() == 200);
  for (const auto& [id, count] : answers) {
    CAPTURE(id);
    CHECK(count == 1);
  }
}
