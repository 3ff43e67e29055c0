// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "actors/messages.h"
#include "actors/replier.h"
#include "actors/warm_up.h"
#include "models/inpainter.h"

namespace inpaintd {

/// Owns one model replica and runs batches on it, one after the other. Spawn the actor detached: it blocks while it
/// computes, and GPU libraries need one thread.
///
/// The batcher puts the next batch into the device's NextBatch while the device works, so the device does not wait
/// between two batches; only when it finds no batch, it waits for a message. A batch that fails is halved until the
/// input that fails is alone; if memory ran out, the engine first frees what it can. That input is tried once more, and
/// then its request ends with an error (too_large if there is no memory for one input). But if the engine also fails on
/// a picture that every engine can run, the device is broken. A broken or lost device ends the actor, and the batcher
/// takes back the tasks that were not answered.
///
/// The engine is freed on the actor's own thread, when the actor ends and not when the last handle to the actor is
/// released. The engine of a lost device is never freed: libraries that free memory of a GPU that is gone end the
/// process.
class Device : public caf::event_based_actor {
 public:
  Device(caf::actor_config& config, EngineFactory factory, WarmUpSettings warm_up, caf::actor batcher,
         caf::actor supervisor, Repliers repliers);

  const char* name() const override { return "device"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  void work();
  void run(const Batch& batch);
  void run_isolating(std::span<const Task> tasks, int retries_left);
  void blame(const Task& task, const EngineFailure& failure);
  void answer(std::span<const Task> tasks, std::vector<Pixels> predictions, const BatchFacts& facts);
  void fail(const Task& task, Error error);
  void report_lost(const EngineFailure& failure);
  [[noreturn]] void end_as_lost(const EngineFailure& failure);

  const EngineFactory factory_;
  const WarmUpSettings warm_up_;
  const caf::actor batcher_;
  const caf::actor supervisor_;
  const Repliers repliers_;
  const std::shared_ptr<NextBatch> next_ = std::make_shared<NextBatch>();
  std::unique_ptr<Inpainter> engine_;
  bool lost_ = false;         ///< the GPU does not answer any more
  Measurement last_;          ///< the measurement of the last batch
  bool looks_again_ = false;  ///< a `look_again` message to this actor is on its way
};

}  // namespace inpaintd
