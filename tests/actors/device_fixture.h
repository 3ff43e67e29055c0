// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/device.h"
#include "tests/actors/fixture.h"

namespace inpaintd::test {

/// A device, and an actor in the place of batcher and supervisor that stores the messages of the device.
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
    const auto make = [script, this]() -> Result<std::unique_ptr<Inpainter>, EngineFailure> {
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
  /// A job whose mask is all zero, which marks it as poisoned.
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

}  // namespace inpaintd::test
