// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace inpaintd {

/// What the engines of one GPU in this process have in common. LibTorch allows no other work on a GPU while a graph is
/// captured there, and no capture anywhere while memory that it cached is freed: running work takes turns with both.
class DeviceShare {
 public:
  /// Calls `work` beside that of other engines.
  template <class Work>
  auto together(const Work& work) {
    std::shared_lock lock(in_use_, std::defer_lock);
    {
      const std::lock_guard turn(turn_);
      lock.lock();
    }
    return work();
  }

  /// Calls `work` while no other engine does anything on this GPU. Whoever waits for that is not overtaken.
  template <class Work>
  auto alone(const Work& work) {
    const std::lock_guard turn(turn_);
    const std::lock_guard lock(in_use_);
    return work();
  }

  /// Calls `work` alone(), and on no other GPU something else that was called so.
  template <class Work>
  auto alone_in_process(const Work& work) {
    return alone([&] {
      const std::lock_guard lock(process_);
      return work();
    });
  }

  /// False for good after a capture that could not be ended in order.
  [[nodiscard]] bool can_capture() const { return can_capture_; }
  void stop_capturing() { can_capture_ = false; }

 private:
  static std::mutex process_;
  std::mutex turn_;
  std::shared_mutex in_use_;
  std::atomic<bool> can_capture_ = true;
};

/// The same object for all engines of a CUDA device; on a CPU each engine has its own.
std::shared_ptr<DeviceShare> share_of(c10::Device device);

}  // namespace inpaintd
