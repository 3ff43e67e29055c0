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

/// Loads one model replica; called on the thread that will use it.
using EngineFactory = std::function<Result<std::unique_ptr<Inpainter>, EngineFailure>()>;

/// Owns one model replica and runs batches on it, one after the other. Spawn it detached: it blocks while it computes,
/// and GPU libraries want one thread.
///
/// It takes its batches from a place where the batcher has put the next one while this one runs (NextBatch), so it does
/// not wait between two; only when it finds none, it waits to be told. A batch that fails is halved until the culprit
/// stands alone; after a lack of memory the engine gives back what it can first. The culprit is tried once more, then
/// it alone is answered with an error (too_large, where there is no memory for it alone either), unless the engine
/// fails at a picture known to be good, too: then the device is broken. A broken or lost device ends the actor: the
/// batcher takes back what was not answered.
///
/// The engine is freed on the actor's own thread, when the actor ends and not when the last handle to it goes. The
/// engine of a lost device is never freed: libraries that free memory of a GPU that is gone end the process.
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
  Measurement last_;          ///< of the batch that ran last
  bool looks_again_ = false;  ///< a message to itself is under way
};

}  // namespace inpaintd
