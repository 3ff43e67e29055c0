// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "actors/batcher.h"
#include "tests/actors/fixture.h"

namespace inpaintd::test {

/// A batcher between jobs and manual devices, with batches of four after 5 ms, unless a test chooses other settings.
struct BatcherFixture : ActorFixture {
  static DispatcherSettings fixed() { return {{.size_max = 4, .wait_max = 5ms, .adaptive = false}}; }
  static DispatcherSettings adaptive() { return {{.size_max = 4, .wait_max = 5ms}}; }

  explicit BatcherFixture(const DispatcherSettings& settings = fixed(), std::shared_ptr<Admission> admission = nullptr)
      : batcher(system.spawn<Batcher>(settings, repliers(), nullptr, std::move(admission))) {
    run();
  }
  ~BatcherFixture() {
    exit(batcher);
    run();
  }
  void send(const JobPtr& job) {
    caf::anon_send(batcher, job);
    run();
  }
  void cancel(const std::string& id) {
    caf::anon_send(batcher, cancel_atom_v, id);
    run();
  }
  template <class Atom>
  void tell(Atom atom) {
    caf::anon_send(batcher, atom);
    run();
  }
  /// Delivers the prediction of one task, as a device does that has computed the task.
  void answer(const Batch& batch, std::size_t index) {
    const Task& task = (*batch)[index];
    const Pixels prediction(task.input().image->width, task.input().image->height, 3);
    if (auto outcome = task.job->deliver(task.tile, prediction, {{batch->size(), "manual", "m"}, now(), {}}))
      outcomes.push_back(*outcome);
  }

  caf::actor batcher;
};

struct AdaptiveFixture : BatcherFixture {
  AdaptiveFixture() : BatcherFixture(adaptive()) {}
};

}  // namespace inpaintd::test
