// SPDX-License-Identifier: Apache-2.0
#include "actors/device.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/units.h"
#include "models/batch.h"

namespace inpaintd {
namespace {

// The reason with which the actor ends; actors that monitor it see the text.
caf::error down_reason(const std::string& message) { return caf::make_error(caf::sec::runtime_error, message); }

caf::error describe(caf::scheduled_actor*, std::exception_ptr& thrown) try {
  std::rethrow_exception(thrown);
} catch (const std::exception& error) {
  return down_reason(error.what());
} catch (...) {
  return down_reason("unknown exception");
}

// Keeps the engine reachable until the process ends, and never frees it.
void keep_for_ever(std::unique_ptr<Inpainter> engine) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<Inpainter*>;
  const std::lock_guard lock(mutex);
  kept.push_back(engine.release());
}

}  // namespace

Device::Device(caf::actor_config& config, EngineFactory factory, WarmUpSettings warm_up, caf::actor batcher,
               caf::actor supervisor, Repliers repliers)
    : caf::event_based_actor(config),
      factory_(std::move(factory)),
      warm_up_(warm_up),
      batcher_(std::move(batcher)),
      supervisor_(std::move(supervisor)),
      repliers_(std::move(repliers)) {}

caf::behavior Device::make_behavior() {
  set_exception_handler(describe);
  auto engine = factory_();
  if (!engine) {
    if (engine.error().kind == EngineFailure::Kind::device_lost) report_lost(engine.error());
    quit(down_reason(engine.error().message));
    return {};
  }
  engine_ = std::move(*engine);
  auto known = warm_up(*engine_, warm_up_);
  if (!known) {
    report_lost(known.error());
    quit(down_reason(known.error().message));
    return {};
  }

  const std::string device = engine_->device_name();
  send(supervisor_,
       DeviceFacts{device, engine_->model_name(), engine_->describe(), engine_->precision(), engine_->way()});
  send(batcher_, caf::actor_cast<caf::actor>(this), Enlistment{device, next_, supervisor_, std::move(*known)});
  return {
      [this](work_atom) {
        if (!looks_again_) work();
      },
      [this](look_again_atom) {
        looks_again_ = false;
        work();
      },
  };
}

void Device::work() {
  const Batch batch = next_->take();
  const auto self = caf::actor_cast<caf::actor>(this);
  if (!batch) return send(batcher_, idle_atom_v, self, std::exchange(last_, {}));
  send(batcher_, started_atom_v, self, std::exchange(last_, {}));
  run(batch);
  // The device looks again by a message to itself, so that exit messages are handled between two batches.
  looks_again_ = true;
  send(self, look_again_atom_v);
}

void Device::run(const Batch& batch) {
  const TimePoint now = clock().now();
  std::vector<Task> live;
  for (const Task& task : *batch) {
    if (task.job->ended()) continue;
    if (task.job->ticket().deadline <= now)
      fail(task, {ErrorCode::deadline_exceeded,
                  "the deadline passed before a device started the request; send the request "
                  "again, or with a longer timeout_ms"});
    else
      live.push_back(task);
  }
  if (live.empty()) return;
  last_ = {live.front().input().network_size(), live.size(), {}};
  const Stopwatch watch;
  run_isolating(live, 1);
  last_.elapsed = watch.elapsed();
  if (engine_->last_run_prepared()) last_.whole = false;  // such a run takes many times as long as the next one
}

void Device::run_isolating(std::span<const Task> tasks, int retries_left) {
  std::vector<NetworkInput> inputs;
  for (const Task& task : tasks)
    inputs.push_back({task.input().image.get(), task.input().mask.get(), task.input().need});

  BatchFacts facts{{tasks.size(), engine_->device_name(), engine_->model_name()}, clock().now(), {}};
  const Stopwatch watch;
  auto predictions = engine_->run(inputs);
  facts.infer = watch.elapsed();

  if (predictions && predictions->size() == tasks.size()) return answer(tasks, std::move(*predictions), facts);
  const EngineFailure failure = predictions ? wrong_count(predictions->size(), tasks.size()) : predictions.error();
  spdlog::warn("{}: a batch of {} failed: {}", engine_->device_name(), tasks.size(), failure.message);

  if (failure.kind == EngineFailure::Kind::device_lost) end_as_lost(failure);
  last_.whole = false;
  if (failure.kind == EngineFailure::Kind::out_of_memory) {
    const std::size_t least = last_.out_of_memory_from;
    last_.out_of_memory_from = least == 0 ? tasks.size() : std::min(least, tasks.size());
    engine_->release_memory();
  }
  if (tasks.size() > 1) {
    const std::size_t half = tasks.size() / 2;
    run_isolating(tasks.first(half), retries_left);
    run_isolating(tasks.subspan(half), retries_left);
  } else if (retries_left > 0) {
    run_isolating(tasks, retries_left - 1);
  } else {
    blame(tasks.front(), failure);
  }
}

// A broken device would fail requests faster than working devices compute them, and would attract all requests. So the
// engine is checked before the request is blamed.
void Device::blame(const Task& task, const EngineFailure& failure) {
  if (const auto own = check_engine(*engine_)) {
    if (own->kind == EngineFailure::Kind::device_lost) end_as_lost(*own);
    throw std::runtime_error("the engine rejects a picture that every engine can run: " + own->message);
  }
  if (failure.kind != EngineFailure::Kind::out_of_memory)
    return fail(task, {ErrorCode::device_failed, failure.message});
  fail(task, {ErrorCode::too_large,
              fmt::format("a network input of {} pixels does not fit into the memory of {} ({}); use the strategy "
                          "\"crop\" or \"resize\"",
                          size_text(task.input().network_size()), engine_->device_name(), failure.message)});
}

void Device::answer(std::span<const Task> tasks, std::vector<Pixels> predictions, const BatchFacts& facts) {
  for (std::size_t i = 0; i < tasks.size(); ++i)
    if (auto outcome = tasks[i].job->deliver(tasks[i].tile, std::move(predictions[i]), facts))
      repliers_.send(std::move(*outcome));
}

void Device::fail(const Task& task, Error error) {
  if (auto outcome = task.job->fail(std::move(error))) repliers_.send(std::move(*outcome));
}

void Device::on_exit() {
  if (lost_) keep_for_ever(std::move(engine_));
  engine_.reset();
}

// The batcher is told before it learns that this actor ended, because the other replicas of the device are lost, too.
void Device::report_lost(const EngineFailure& failure) {
  lost_ = true;
  send(supervisor_, lost_atom_v, failure.message);
  if (engine_) send(batcher_, lost_atom_v, engine_->device_name());
}

void Device::end_as_lost(const EngineFailure& failure) {
  report_lost(failure);
  throw std::runtime_error(failure.message);
}

}  // namespace inpaintd
