// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace inpaintd {

/// The state of one device slot.
struct DeviceHealth {
  enum class State { starting, ready, failed };

  std::string name;
  State state = State::starting;
  int failures = 0;
  std::string last_error;
  std::string model;           ///< known once ready
  bool hung = false;           ///< failed, and its thread has not returned: an orderly end of the process is impossible
  std::string precision, way;  ///< the type and the way in which the model is computed; known once ready
};

/// The state of all device slots, by slot.
using Health = std::vector<DeviceHealth>;

/// The state of all device slots, which the supervisor writes and observers read, and the need for a restart. Thread
/// safe.
class HealthBoard {
 public:
  explicit HealthBoard(const std::vector<std::string>& device_names) {
    for (const auto& name : device_names) health_.push_back({.name = name});
  }

  /// The slot loads its engine.
  void starting(std::size_t index) {
    change([&] { health_[index].state = DeviceHealth::State::starting; });
  }
  /// The slot takes batches for `model`.
  void ready(std::size_t index, std::string model) {
    change([&] {
      health_[index].state = DeviceHealth::State::ready;
      health_[index].model = std::move(model);
      health_[index].hung = false;
    });
  }
  /// Sets the precision and the way of the slot's engine (see Inpainter::precision and Inpainter::way).
  void computes(std::size_t index, std::string precision, std::string way) {
    change([&] {
      health_[index].precision = std::move(precision);
      health_[index].way = std::move(way);
    });
  }
  /// The slot's engine ended or could not be loaded.
  void failed(std::size_t index, std::string error) {
    change([&] {
      health_[index].state = DeviceHealth::State::failed;
      health_[index].last_error = std::move(error);
      health_[index].hung = false;
      ++health_[index].failures;
    });
  }
  /// The slot's engine does not return from a batch.
  void hung(std::size_t index) {
    failed(index, "the device hangs: a batch has exceeded its time limit");
    change([&] { health_[index].hung = true; });
  }
  /// Requests a restart of the process, the only remedy for `reason`. The first reason is kept.
  void want_restart(std::string reason) {
    change([&] {
      if (restart_reason_.empty()) restart_reason_ = std::move(reason);
    });
  }
  /// The reason why the process must be restarted; empty if there is none.
  [[nodiscard]] std::string restart_reason() const {
    std::lock_guard lock(mutex_);
    return restart_reason_;
  }

  /// A copy of the state.
  [[nodiscard]] Health read() const {
    std::lock_guard lock(mutex_);
    return health_;
  }

  /// The result of wait_for_first_ready.
  enum class FirstReady { ready, all_failed, not_yet };
  /// Waits at most for `timeout` until a device is ready or every device has failed at least once.
  FirstReady wait_for_first_ready(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    FirstReady now = FirstReady::not_yet;
    changed_.wait_for(lock, timeout, [&] {
      const auto is_ready = [](const DeviceHealth& each) { return each.state == DeviceHealth::State::ready; };
      const auto has_failed = [](const DeviceHealth& each) { return each.failures > 0; };
      if (std::any_of(health_.begin(), health_.end(), is_ready))
        now = FirstReady::ready;
      else if (std::all_of(health_.begin(), health_.end(), has_failed))
        now = FirstReady::all_failed;
      return now != FirstReady::not_yet;
    });
    return now;
  }

 private:
  template <class Change>
  void change(Change apply) {
    {
      std::lock_guard lock(mutex_);
      apply();
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Health health_;
  std::string restart_reason_;
};

}  // namespace inpaintd
