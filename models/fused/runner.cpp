// SPDX-License-Identifier: Apache-2.0
#include "models/fused/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "core/units.h"
#include "models/torch/failure.h"

namespace inpaintd {
namespace {

std::string text_of(const Shape& shape) { return fmt::format("{} x {}", shape.count, size_text(shape.size)); }

}  // namespace

Runner::Runner(c10::Device device, Warn warn)
    : Runner(make_device_operations(device), share_of(device), std::move(warn)) {}

Runner::Runner(std::unique_ptr<DeviceOperations> operations, std::shared_ptr<DeviceShare> share, Warn warn)
    : operations_(std::move(operations)),
      share_(std::move(share)),
      warn_(std::move(warn)),
      bytes_max_(operations_->memory().total / memory_share) {}

Runner::~Runner() {
  try {
    share_->alone_in_process([this] {
      for (Known& k : known_) forget(k);
    });
  } catch (...) {
    warn("recordings could not be freed: " + current_failure().message);
  }
}

void Runner::prepare(const Work& work) {
  share_->alone([&] { finish(work); });
}

void Runner::run(const Work& work) {
  share_->together([&] { finish(work); });
}

bool Runner::run(const Shape& shape, const MakeWork& make) {
  Known& k = known(shape);
  const bool prepared = is_worth_recording(k) && record(k, make);
  share_->together([&] {
    std::unique_ptr<ShapeWork> once;  // must exist until the device has completed the work
    finish([&] {
      if (!k.replay) once = make();
      ShapeWork& work = k.replay ? *k.work : *once;
      work.upload();
      k.replay ? k.replay() : work.compute();
      work.download();
    });
  });
  return ++k.runs == 1 || prepared;
}

/// Runs `work` on the stream and waits for it, also after a failure, because kernels that were launched may still use
/// its memory.
void Runner::finish(const Work& work) {
  try {
    operations_->within(work);
    operations_->synchronize();
  } catch (...) {
    fail();
  }
}

void Runner::fail() {
  if (operations_->still_works()) throw;
  throw DeviceLost(current_failure().message);
}

Runner::Known& Runner::known(const Shape& shape) {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& k) { return k.shape == shape; });
  if (found != known_.end()) {
    known_.splice(known_.begin(), known_, found);
  } else {
    if (known_.size() == shapes_remembered) {
      if (known_.back().replay) share_->alone_in_process([this] { forget(known_.back()); });
      known_.pop_back();
    }
    known_.push_front({.shape = shape});
  }
  known_.front().last_run = ++runs_;
  return known_.front();
}

bool Runner::is_worth_recording(const Known& k) const {
  return !k.replay && !k.refused && k.runs >= plain_runs && bytes_max_ > 0 && share_->can_capture();
}

/// Records a shape. Returns false if memory is short. After a failure that leaves plain runs possible the shape stays
/// unrecorded.
bool Runner::record(Known& k, const MakeWork& make) {
  return share_->alone_in_process([&] {
    if (!make_room(expected_bytes(k.shape))) return false;
    // A recording allocates no more than a plain run did, but cannot take what that one has left in the cache.
    const auto before = operations_->memory();
    if (before.free + recorded_bytes() < before.unused) free_unused();
    finish([&] { capture(k, make); });
    bytes_per_pixel_ = std::max(bytes_per_pixel_, static_cast<double>(k.bytes) / static_cast<double>(k.shape.pixels()));
    if (!k.replay || !make_room(0)) forget(k);
    return true;
  });
}

void Runner::capture(Known& k, const MakeWork& make) {
  try {
    const std::size_t held = operations_->memory().held;
    k.work = make();
    operations_->synchronize();
    operations_->begin_capture();
    k.work->compute();
    k.replay = operations_->end_capture([work = k.work.get()] { work->compute(); });
    k.bytes = std::max(operations_->memory().held, held) - held;
  } catch (...) {
    const EngineFailure cause = current_failure();
    k.refused = true;
    const bool in_order = operations_->abandon_capture();
    if (!in_order) share_->stop_capturing();
    if (cause.kind == EngineFailure::Kind::device_lost) throw;
    warn("batches of " + text_of(k.shape) + " run without a CUDA graph" +
         (in_order ? "" : ", and nothing more is recorded on this GPU until the process ends") + ": " + cause.message);
  }
}

std::size_t Runner::recorded_bytes() const {
  std::size_t bytes = 0;
  for (const Known& k : known_) bytes += k.bytes;
  return bytes;
}

std::size_t Runner::expected_bytes(const Shape& shape) const {
  return static_cast<std::size_t>(bytes_per_pixel_ * static_cast<double>(shape.pixels()));
}

/// Drops recordings that were not used for a while, the least recently used first, until `bytes` fit as well.
bool Runner::make_room(std::size_t bytes) {
  std::size_t idle = 0;
  const auto is_idle = [&](const Known& k) { return k.replay && runs_ - k.last_run > idle_runs; };
  for (const Known& k : known_)
    if (is_idle(k)) idle += k.bytes;
  if (recorded_bytes() - idle + bytes > bytes_max_) return false;
  if (recorded_bytes() + bytes <= bytes_max_) return true;
  for (auto k = known_.rbegin(); k != known_.rend() && recorded_bytes() + bytes > bytes_max_; ++k)
    if (is_idle(*k)) forget(*k);
  free_unused();  // a capture cannot use the cached memory of dropped recordings
  return true;
}

/// Called only while no GPU has other work, because the allocator frees the memory of a graph.
void Runner::forget(Known& k) {
  operations_->within([&k] {
    k.replay = nullptr;
    k.work = nullptr;
  });
  k.bytes = 0;
}

void Runner::free_unused() {
  try {
    operations_->free_unused();
  } catch (...) {
    warn("unused memory stays with LibTorch: " + current_failure().message);
  }
}

void Runner::warn(const std::string& text) const {
  if (warn_) warn_(text);
}

void Runner::release_memory() {
  share_->alone_in_process([this] {
    const std::size_t half = recorded_bytes() / 2;
    for (auto k = known_.rbegin(); k != known_.rend() && recorded_bytes() > half; ++k)
      if (k->replay) forget(*k);
    free_unused();
  });
}

}  // namespace inpaintd
