// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <caf/all.hpp>
#include <caf/detail/test_actor_clock.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/messages.h"
#include "actors/replier.h"
#include "models/inpainter.h"

namespace inpaintd::test {

using namespace std::chrono_literals;

struct JobSpec {
  Size size{64, 64};
  std::chrono::milliseconds timeout{60'000};
  Priority priority = Priority::normal;
  bool progress = false;
  std::size_t tiles = 1;
};

/// Actors under a scheduler that runs only when told, and a clock that moves only when told. What the pipeline would
/// have sent to clients is collected instead.
class ActorFixture {
 public:
  ActorFixture() {
    spdlog::set_level(spdlog::level::off);
    clock().current_time += 1h;  // the clock starts at 0, where a deadline could not lie in the past
    sink_ = system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
          [this](const Outcome& outcome) { outcomes.push_back(outcome); },
          [this](const Progress& message) { progress.push_back(message); },
      };
    });
  }
  ~ActorFixture() {
    exit(sink_);
    run();
  }

  caf::detail::test_actor_clock& clock() { return scheduler.clock(); }
  TimePoint now() { return clock().now(); }
  void run() {
    while (scheduler.try_run_once()) {
    }
  }
  void advance(std::chrono::milliseconds time) {
    scheduler.advance_time(time);
    run();
  }
  void exit(const caf::actor& actor) { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); }
  [[nodiscard]] Repliers repliers() const { return Repliers({sink_}); }

  JobPtr job(const std::string& id, const JobSpec& spec = {}) {
    Input input;
    for (std::size_t i = 0; i < spec.tiles; ++i)
      input.tiles.push_back({{0, 0, spec.size.width, spec.size.height},
                             spec.size,
                             std::make_shared<Pixels>(spec.size.width, spec.size.height, 3),
                             std::make_shared<Pixels>(spec.size.width, spec.size.height, 1, std::uint8_t{255})});
    Ticket ticket;
    ticket.id = id;
    ticket.reply = "inbox." + id;
    ticket.priority = spec.priority;
    ticket.received = now();
    ticket.deadline = now() + spec.timeout;
    ticket.progress = spec.progress;
    return std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(input)), Microseconds{});
  }

  /// "id: ok" or "id: error_code", in the order in which the jobs ended.
  [[nodiscard]] std::vector<std::string> ends() const {
    std::vector<std::string> ends;
    for (const Outcome& outcome : outcomes)
      ends.push_back(outcome.ticket.id + ": " +
                     (outcome.predictions ? "ok" : std::string(info(outcome.predictions.error().code).name)));
    return ends;
  }

  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("testing"));
      load<caf::id_block::inpaintd>();
    }
  };
  Config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  std::vector<Outcome> outcomes;
  std::vector<Progress> progress;

 private:
  caf::actor sink_;
};

/// A device for batcher tests: asks when told to, keeps what it gets, answers when told to.
struct ManualDevice {
  ManualDevice(ActorFixture& fixture, caf::actor batcher) : fixture(fixture), batcher(std::move(batcher)) {
    actor = fixture.system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      return {
          [this](const Batch& batch) { batches.push_back(batch); },
          [self](const std::string& why) { self->quit(caf::make_error(caf::sec::runtime_error, why)); },
      };
    });
  }
  ~ManualDevice() {
    fixture.exit(actor);
    fixture.run();
  }

  void ask() {
    caf::anon_send(batcher, ready_atom_v, actor, Measurement{"manual", {}, 0, {}});
    fixture.run();
  }
  void crash() {
    caf::anon_send(actor, std::string("crash"));
    fixture.run();
  }
  /// The ids of the last batch received.
  [[nodiscard]] std::vector<std::string> last_ids() const {
    std::vector<std::string> ids;
    if (!batches.empty())
      for (const Task& task : *batches.back()) ids.push_back(task.job->ticket().id);
    return ids;
  }

  ActorFixture& fixture;
  caf::actor batcher;
  caf::actor actor;
  std::vector<Batch> batches;
};

/// An engine that follows a script.
class ScriptedEngine : public Inpainter {
 public:
  using Run = std::function<Result<std::vector<Pixels>, EngineFailure>(std::span<const NetworkInput>)>;
  explicit ScriptedEngine(Run run) : run_(std::move(run)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override { return run_(batch); }
  [[nodiscard]] std::string describe() const override { return "scripted"; }
  [[nodiscard]] std::string model_name() const override { return "scripted"; }
  [[nodiscard]] std::string device_name() const override { return "test"; }

 private:
  Run run_;
};

/// A black picture for each input.
inline std::vector<Pixels> black(std::span<const NetworkInput> batch) {
  std::vector<Pixels> answers;
  for (const NetworkInput& input : batch) answers.emplace_back(input.image->width, input.image->height, 3);
  return answers;
}

}  // namespace inpaintd::test
