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
  bool hung = false;           ///< failed, and its thread never came back: the process cannot end in order
  std::string precision, way;  ///< in which and how the model is computed; known once ready
};

using Health = std::vector<DeviceHealth>;

/// The state of all device slots: written by the supervisor, read by whoever is asked. Thread safe.
class HealthBoard {
 public:
  explicit HealthBoard(const std::vector<std::string>& device_names) {
    for (const auto& name : device_names) health_.push_back({.name = name});
  }

  void starting(std::size_t index) {
    change([&] { health_[index].state = DeviceHealth::State::starting; });
  }
  void ready(std::size_t index, std::string model) {
    change([&] {
      health_[index].state = DeviceHealth::State::ready;
      health_[index].model = std::move(model);
      health_[index].hung = false;
    });
  }
  void computes(std::size_t index, std::string precision, std::string way) {
    change([&] {
      health_[index].precision = std::move(precision);
      health_[index].way = std::move(way);
    });
  }
  void failed(std::size_t index, std::string error) {
    change([&] {
      health_[index].state = DeviceHealth::State::failed;
      health_[index].last_error = std::move(error);
      health_[index].hung = false;
      ++health_[index].failures;
    });
  }
  void hung(std::size_t index) {
    failed(index, "hangs: a batch did not come back in time");
    change([&] { health_[index].hung = true; });
  }
  /// Only a new process will help. The first reason stays.
  void want_restart(std::string reason) {
    change([&] {
      if (restart_reason_.empty()) restart_reason_ = std::move(reason);
    });
  }
  /// Why a new process is needed; empty while this one will do.
  [[nodiscard]] std::string restart_reason() const {
    std::lock_guard lock(mutex_);
    return restart_reason_;
  }

  [[nodiscard]] Health read() const {
    std::lock_guard lock(mutex_);
    return health_;
  }

  enum class FirstReady { ready, all_failed, not_yet };
  /// Waits at most for `timeout` until a device is ready or each has failed at least once, and says which.
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
