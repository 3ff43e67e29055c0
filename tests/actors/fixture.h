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

/// Actors with a scheduler and a clock that the test moves. Outcomes and progress are collected instead of being sent
/// to clients.
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
                     (outcome.error() ? std::string(info(outcome.error()->code).name) : "ok"));
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

/// A device for tests of the batcher: takes batches as a real device does, but ends them when the test says so.
struct ManualDevice {
  ManualDevice(ActorFixture& fixture, caf::actor batcher, std::string name = "manual")
      : fixture(fixture), batcher(std::move(batcher)), name(std::move(name)) {
    actor = fixture.system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      return {
          [this](work_atom) {
            if (!busy) look();
          },
          [this](hung_atom, const caf::actor&) { ++hung; },
          [this](back_atom, const caf::actor&) { ++back; },
          [self](const std::string& why) { self->quit(caf::make_error(caf::sec::runtime_error, why)); },
      };
    });
  }
  ~ManualDevice() {
    fixture.exit(actor);
    fixture.run();
  }

  /// Enlists, with the measurements of a warm-up.
  void enlist(const std::vector<Measurement>& known = {}) {
    enlisted = true;
    caf::anon_send(batcher, actor, Enlistment{name, next, actor, known});
    fixture.run();
  }
  /// Ends the current batch, if any, after `elapsed`, and takes the next one.
  void finish(Microseconds elapsed = {}) {
    Measurement last;
    if (busy) last = {batches.back()->front().input().network_size(), batches.back()->size(), elapsed};
    finish_with(last);
  }
  void finish_with(const Measurement& last) {
    measured = last;
    busy = false;
    look();
    fixture.run();
  }
  /// Enlists, or ends the current batch after no time.
  void ask() { enlisted ? finish() : enlist(); }
  void crash() {
    caf::anon_send(actor, std::string("crash"));
    fixture.run();
  }
  /// The ids of the last batch that the device took.
  [[nodiscard]] std::vector<std::string> last_ids() const {
    std::vector<std::string> ids;
    if (!batches.empty())
      for (const Task& task : *batches.back()) ids.push_back(task.job->ticket().id);
    return ids;
  }

  ActorFixture& fixture;
  caf::actor batcher;
  std::string name;
  caf::actor actor;
  std::shared_ptr<NextBatch> next = std::make_shared<NextBatch>();
  std::vector<Batch> batches;
  int hung = 0, back = 0;
  bool enlisted = false, busy = false;
  Measurement measured;

 private:
  void look() {
    if (const Batch batch = next->take()) {
      busy = true;
      batches.push_back(batch);
      caf::anon_send(batcher, started_atom_v, actor, std::exchange(measured, {}));
    } else {
      caf::anon_send(batcher, idle_atom_v, actor, std::exchange(measured, {}));
    }
  }
};

/// An engine whose runs are a function of the test.
class ScriptedEngine : public Inpainter {
 public:
  using Run = std::function<Result<std::vector<Pixels>, EngineFailure>(std::span<const NetworkInput>)>;
  explicit ScriptedEngine(Run run, std::string device = "test") : run_(std::move(run)), device_(std::move(device)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override { return run_(batch); }
  [[nodiscard]] bool last_run_prepared() const override { return prepared; }
  void release_memory() override { ++released; }
  [[nodiscard]] std::string describe() const override { return "scripted"; }
  [[nodiscard]] std::string model_name() const override { return "scripted"; }
  [[nodiscard]] std::string device_name() const override { return device_; }

  int released = 0;
  bool prepared = false;

 private:
  Run run_;
  std::string device_;
};

/// A black picture for each input.
inline std::vector<Pixels> black(std::span<const NetworkInput> batch) {
  std::vector<Pixels> answers;
  for (const NetworkInput& input : batch) answers.emplace_back(input.image->width, input.image->height, 3);
  return answers;
}

}  // namespace inpaintd::test
