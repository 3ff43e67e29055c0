// SPDX-License-Identifier: Apache-2.0
#include "actors/supervisor.h"

#include "actors/batcher.h"
#include "actors/watch.h"
#include "monitoring/monitor.h"
#include "tests/actors/fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

using Ids = std::vector<std::string>;
using Failure = EngineFailure;
using State = DeviceHealth::State;

// Supervisor, batcher and devices together, all on the deterministic scheduler.
struct SupervisorFixture : ActorFixture {
  SupervisorFixture() : batcher(system.spawn<Batcher>(settings(), repliers())) {}
  ~SupervisorFixture() {
    exit(supervisor);
    exit(batcher);
    run();
  }
  static DispatcherSettings settings() {
    DispatcherSettings settings{{.size_max = 4, .wait_max = 5ms, .adaptive = false}};
    settings.watchdog = 1000ms;
    return settings;
  }
  void start(const std::vector<EngineFactory>& factories) {
    const auto spawn = [this](Supervisor& self, const EngineFactory& make) {
      devices.push_back(
          self.spawn<Device>(make, WarmUpSettings{}, batcher, caf::actor_cast<caf::actor>(&self), repliers()));
      return devices.back();
    };
    std::vector<DeviceSlot> slots;
    for (const auto& factory : factories) slots.push_back({"test", factory});
    board = std::make_shared<HealthBoard>(std::vector<std::string>(factories.size(), "test"));
    supervisor = system.spawn<Supervisor>(slots, spawn, board, metrics);
    run();
  }
  EngineFactory scripted(ScriptedEngine::Run script, const std::string& device = "test") {
    return [this, script, device]() -> Result<std::unique_ptr<Inpainter>, Failure> {
      ++loads;
      return std::unique_ptr<Inpainter>(std::make_unique<ScriptedEngine>(script, device));
    };
  }
  void start(ScriptedEngine::Run script) { start(std::vector{scripted(std::move(script))}); }
  /// Reports a hung device, as the batcher does.
  template <class Atom>
  void report(Atom atom, std::size_t device) {
    caf::anon_send(supervisor, atom, devices.at(device));
    run();
  }
  void send(const JobPtr& job) {
    caf::anon_send(batcher, job);
    run();
  }

  caf::actor batcher, supervisor;
  std::vector<caf::actor> devices;  // in the order in which they were started
  std::shared_ptr<HealthBoard> board;
  std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
  int loads = 0;
};

}  // namespace

TEST_CASE_FIXTURE(SupervisorFixture,
                  "a device that fails is started again after half a second, and then its job is computed") {
  int calls = 0;
  start([&calls](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (++calls == 1) throw std::runtime_error("bug in the engine");
    return black(batch);
  });
  CHECK(board->read()[0].state == State::ready);
  send(job("a"));
  advance(5ms);
  CHECK(board->read()[0].state == State::failed);
  CHECK(board->read()[0].last_error == "bug in the engine");
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

TEST_CASE_FIXTURE(SupervisorFixture, "a device that fails every picture ends, and its jobs go to other devices") {
  int good_calls = 0;
  const auto broken =
      scripted([](auto) -> Result<std::vector<Pixels>, Failure> { return Failure{Failure::Kind::failed, "broken"}; });
  const auto good = scripted([&good_calls](auto batch) {
    ++good_calls;
    return black(batch);
  });
  start({broken, good});
  for (int i = 0; i < 16; ++i) send(job("a", {.timeout = 600s}));
  for (int i = 0; i < 10; ++i) advance(1000ms);
  CHECK(ends() == std::vector<std::string>(16, "a: ok"));
  CHECK(board->read()[0].failures > 0);
  CHECK(board->read()[1].failures == 0);
}

TEST_CASE_FIXTURE(SupervisorFixture,
                  "the back-off of a device that fails repeatedly grows, even if the device became ready in between") {
  start([](auto) -> Result<std::vector<Pixels>, Failure> { throw std::runtime_error("bug in the engine"); });
  // Each device actor ends with its first job.
  for (int i = 0; i < 10; ++i) send(job(std::to_string(i)));
  for (int second = 0; second < 60; ++second) {
    send(job("x"));
    advance(1000ms);
  }
  CHECK(loads >= 6);
  CHECK(loads <= 9);
}

TEST_CASE_FIXTURE(SupervisorFixture, "after a minute without failure, the back-off of a device starts again") {
  bool crash = true;
  start([&crash](auto batch) -> Result<std::vector<Pixels>, Failure> {
    if (crash) throw std::runtime_error("bug in the engine");
    return black(batch);
  });
  const auto die = [&] {
    crash = true;
    send(job("a"));
    advance(5ms);
    crash = false;
  };
  die();
  advance(500ms);
  CHECK(loads == 2);
  die();
  advance(500ms);
  CHECK(loads == 2);
  advance(500ms);
  CHECK(loads == 3);
  for (int second = 0; second < 60; ++second) advance(1000ms);
  die();
  advance(500ms);
  CHECK(loads == 4);
}

TEST_CASE_FIXTURE(SupervisorFixture, "a lost device asks for a new process, and is not started again in this one") {
  const auto lost = scripted(
      [](auto) -> Result<std::vector<Pixels>, Failure> { return Failure{Failure::Kind::device_lost, "context lost"}; },
      "cuda:0");
  const auto good = scripted([](auto batch) { return black(batch); }, "cuda:1");
  start({lost, good});
  CHECK(board->restart_reason().empty());
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g", "h"}) send(job(id));
  for (int second = 0; second < 60; ++second) advance(1000ms);
  // The other device has computed its jobs.
  CHECK(ends().size() == 8);
  for (const auto& end : ends()) CHECK(end.ends_with(": ok"));
  CHECK(board->restart_reason().find("context lost") != std::string::npos);
  CHECK(board->read()[0].state == State::failed);
  CHECK(board->read()[1].state == State::ready);
  CHECK(loads == 2);
}

TEST_CASE_FIXTURE(SupervisorFixture, "with a lost device all its replicas are lost, also one that is ready later") {
  const auto lost = [](auto) -> Result<std::vector<Pixels>, Failure> {
    return Failure{Failure::Kind::device_lost, "x"};
  };
  bool loads_now = false;
  const auto late = [&, fine = scripted([](auto batch) { return black(batch); }, "cuda:0")] {
    return loads_now ? fine() : Failure{Failure::Kind::failed, "not yet"};
  };
  start({scripted(lost, "cuda:0"), scripted(lost, "cuda:0"),
         scripted([](auto batch) { return black(batch); }, "cuda:1"), late});
  send(job("a"));
  advance(5ms);
  loads_now = true;
  advance(1000ms);
  CHECK(ends() == Ids{"a: ok"});
  CHECK(board->read()[0].state == State::failed);
  CHECK(board->read()[1].state == State::failed);
  CHECK(board->read()[2].state == State::ready);
  CHECK(board->read()[3].state == State::failed);
  CHECK(loads == 4);
}

TEST_CASE_FIXTURE(SupervisorFixture, "a device that hangs is not ready, and is ready again when it comes back") {
  start([](auto batch) { return black(batch); });
  report(hung_atom_v, 0);
  CHECK(board->read()[0].state == State::failed);
  CHECK(board->read()[0].hung);
  report(back_atom_v, 0);
  CHECK(board->read()[0].state == State::ready);
  CHECK(!board->read()[0].hung);
}

TEST_CASE_FIXTURE(SupervisorFixture,
                  "the supervisor asks for a new process when a device hangs and no other device works") {
  const auto good = scripted([](auto batch) { return black(batch); });
  start({good, good});
  report(hung_atom_v, 0);
  CHECK(board->restart_reason().empty());
  report(hung_atom_v, 1);
  CHECK(!board->restart_reason().empty());
}

TEST_CASE_FIXTURE(SupervisorFixture, "the back-off doubles while a device cannot be loaded, up to half a minute") {
  start(std::vector<EngineFactory>{[this]() -> Result<std::unique_ptr<Inpainter>, Failure> {
    ++loads;
    return Failure{Failure::Kind::failed, "no such file"};
  }});
  CHECK(loads == 1);
  int expected = 1;
  for (const auto delay : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms}) {
    advance(delay - 1ms);
    CHECK(loads == expected);
    advance(1ms);
    CHECK(loads == ++expected);
  }
  CHECK(board->read()[0].last_error.find("no such file") != std::string::npos);
  CHECK(board->wait_for_first_ready(0ms) == HealthBoard::FirstReady::all_failed);
}

TEST_CASE_FIXTURE(SupervisorFixture, "every accepted job ends exactly once, whatever the device does") {
  // The engine fails, runs out of memory, throws or succeeds at random, over enough jobs to meet every order of these.
  unsigned state = 12345;
  start([&state](auto batch) -> Result<std::vector<Pixels>, Failure> {
    state = state * 1664525u + 1013904223u;
    switch (state >> 30) {
      case 0:
        return Failure{Failure::Kind::failed, "failed"};
      case 1:
        return Failure{Failure::Kind::out_of_memory, "out of memory"};
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

TEST_CASE_FIXTURE(ActorFixture, "the end of a core actor before the end of the service asks for a new process") {
  const auto board = std::make_shared<HealthBoard>(std::vector<std::string>{});
  const auto idle = [](caf::event_based_actor* self) -> caf::behavior {
    return {[self](int) { self->quit(caf::make_error(caf::sec::runtime_error, "bug")); }};
  };
  const auto one = system.spawn(idle), two = system.spawn(idle);
  watch_over(one, "the batcher", board);
  watch_over(two, "an ingress", board);
  exit(one);
  run();
  CHECK(board->restart_reason().empty());
  caf::anon_send(two, 1);
  run();
  CHECK(board->restart_reason().find("an ingress ended: ") == 0);
  CHECK(board->restart_reason().find("bug") != std::string::npos);
}

TEST_CASE("a service that asks for a new process is not ready, and says why") {
  const Health healthy{{.name = "cpu", .state = State::ready}};
  CHECK(readiness(Phase::serving, true, healthy).ready);
  const Readiness ending = readiness(Phase::serving, true, healthy, "the batcher ended");
  CHECK(!ending.ready);
  CHECK(ending.reasons == Ids{"this process must be restarted: the batcher ended"});
}
