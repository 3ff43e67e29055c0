// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace inpaintd {

/// The lock that the engines of one GPU share in this process. LibTorch allows no other work on a GPU during a capture
/// there, and no capture on any GPU while cached memory is freed; so captures and the freeing of memory exclude other
/// work.
class DeviceShare {
 public:
  /// Calls `work`, with work of other engines at the same time.
  template <class Work>
  auto together(const Work& work) {
    std::shared_lock lock(in_use_, std::defer_lock);
    {
      const std::lock_guard turn(turn_);
      lock.lock();
    }
    return work();
  }

  /// Calls `work` while no other engine works on this GPU. Work that asks later starts later.
  template <class Work>
  auto alone(const Work& work) {
    const std::lock_guard turn(turn_);
    const std::lock_guard lock(in_use_);
    return work();
  }

  /// Calls `work` alone(), and excludes other calls of alone_in_process() on all GPUs.
  template <class Work>
  auto alone_in_process(const Work& work) {
    return alone([&] {
      const std::lock_guard lock(process_);
      return work();
    });
  }

  /// False after stop_capturing(), which follows a capture that could not be ended.
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
