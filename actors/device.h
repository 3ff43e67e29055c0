// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "actors/messages.h"
#include "actors/replier.h"
#include "models/inpainter.h"

namespace inpaintd {

/// Loads one model replica; called on the thread that will use it.
using EngineFactory = std::function<Result<std::unique_ptr<Inpainter>, EngineFailure>()>;

/// Owns one model replica and runs batches on it, one after the other, each asked for. Spawn it detached: it blocks
/// while it computes, and GPU libraries want one thread.
///
/// A batch that fails is halved until the culprit stands alone; that one is tried once more, then it alone is answered
/// with an error. A lost device ends the actor: the batcher takes back what was not answered.
class Device : public caf::event_based_actor {
 public:
  Device(caf::actor_config& config, EngineFactory factory, caf::actor batcher, caf::actor supervisor,
         Repliers repliers);

  const char* name() const override { return "device"; }

 protected:
  caf::behavior make_behavior() override;

 private:
  void run(const Batch& batch);
  void run_isolating(std::span<const Task> tasks, int retries_left);
  void answer(std::span<const Task> tasks, std::vector<Pixels> predictions, const BatchFacts& facts);
  void fail(const Task& task, Error error);
  void ask_for_more(const Measurement& last);

  const EngineFactory factory_;
  const caf::actor batcher_;
  const caf::actor supervisor_;
  const Repliers repliers_;
  std::unique_ptr<Inpainter> engine_;
};

}  // namespace inpaintd
