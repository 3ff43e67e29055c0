// SPDX-License-Identifier: Apache-2.0
#include "actors/device.h"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace inpaintd {
namespace {

// Ends the actor; monitors see the text.
caf::error down_reason(const std::string& message) { return caf::make_error(caf::sec::runtime_error, message); }

caf::error describe(caf::scheduled_actor*, std::exception_ptr& thrown) try {
  std::rethrow_exception(thrown);
} catch (const std::exception& error) {
  return down_reason(error.what());
} catch (...) {
  return down_reason("unknown exception");
}

}  // namespace

Device::Device(caf::actor_config& config, EngineFactory factory, caf::actor batcher, caf::actor supervisor,
               Repliers repliers)
    : caf::event_based_actor(config),
      factory_(std::move(factory)),
      batcher_(std::move(batcher)),
      supervisor_(std::move(supervisor)),
      repliers_(std::move(repliers)) {}

caf::behavior Device::make_behavior() {
  set_exception_handler(describe);
  auto engine = factory_();
  if (!engine) {
    quit(down_reason(engine.error().message));
    return {};
  }
  engine_ = std::move(*engine);
  const std::string device = engine_->device_name();
  send(supervisor_, DeviceFacts{device, engine_->model_name(), engine_->describe()});
  ask_for_more({device, {}, 0, {}});
  return {
      [this](const Batch& batch) { run(batch); },
  };
}

void Device::run(const Batch& batch) {
  const TimePoint now = clock().now();
  std::vector<Task> live;
  for (const Task& task : *batch) {
    if (task.job->ended()) continue;
    if (task.job->ticket().deadline <= now)
      fail(task, {ErrorCode::deadline_exceeded, "its time was over before the device could start"});
    else
      live.push_back(task);
  }
  Measurement measured{engine_->device_name(), {}, live.size(), {}};
  if (!live.empty()) {
    measured.size = live.front().input().network_size();
    const TimePoint start = Clock::now();
    run_isolating(live, 1);
    measured.elapsed = std::chrono::duration_cast<Microseconds>(Clock::now() - start);
  }
  ask_for_more(measured);
}

void Device::run_isolating(std::span<const Task> tasks, int retries_left) {
  std::vector<NetworkInput> inputs;
  for (const Task& task : tasks)
    inputs.push_back({task.input().image.get(), task.input().mask.get(), task.input().need});

  BatchFacts facts{tasks.size(), engine_->device_name(), engine_->model_name(), clock().now(), {}};
  const TimePoint start = Clock::now();
  auto predictions = engine_->run(inputs);
  facts.infer = std::chrono::duration_cast<Microseconds>(Clock::now() - start);

  if (predictions && predictions->size() == tasks.size()) return answer(tasks, std::move(*predictions), facts);
  const EngineFailure failure =
      predictions
          ? EngineFailure{EngineFailure::Kind::failed, "the engine answered " + std::to_string(predictions->size()) +
                                                           " of " + std::to_string(tasks.size()) + " inputs"}
          : predictions.error();
  spdlog::warn("{}: a batch of {} failed: {}", engine_->device_name(), tasks.size(), failure.message);

  if (failure.kind == EngineFailure::Kind::device_lost) throw std::runtime_error(failure.message);
  if (tasks.size() > 1) {
    const std::size_t half = tasks.size() / 2;
    run_isolating(tasks.first(half), retries_left);
    run_isolating(tasks.subspan(half), retries_left);
  } else if (retries_left > 0) {
    run_isolating(tasks, retries_left - 1);
  } else {
    fail(tasks.front(), {ErrorCode::device_failed, failure.message});
  }
}

void Device::answer(std::span<const Task> tasks, std::vector<Pixels> predictions, const BatchFacts& facts) {
  for (std::size_t i = 0; i < tasks.size(); ++i)
    if (auto outcome = tasks[i].job->deliver(tasks[i].tile, std::move(predictions[i]), facts))
      repliers_.send(std::move(*outcome));
}

void Device::fail(const Task& task, Error error) {
  if (auto outcome = task.job->fail(std::move(error))) repliers_.send(std::move(*outcome));
}

void Device::ask_for_more(const Measurement& last) {
  send(batcher_, ready_atom_v, caf::actor_cast<caf::actor>(this), last);
}

}  // namespace inpaintd
