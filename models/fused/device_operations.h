// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace inpaintd {

/// The operations of a device that a Runner needs for one engine. On CUDA devices work goes to a stream of the object's
/// own (models/fused/cuda/device.cpp). On CPUs operations are complete when they return, and nothing is recorded.
class DeviceOperations {
 public:
  using Work = std::function<void()>;

  /// The memory of the device in bytes; all zeros on CPUs.
  struct Memory {
    std::size_t total = 0;
    std::size_t free = 0;  ///< of `total`, available to any process
    std::size_t held = 0;  ///< allocated by this process, in use or not
    std::size_t unused =
        0;  ///< the part of `held` that no tensor uses: cached, or reserved by recordings for their replays
  };

  virtual ~DeviceOperations() = default;

  /// Calls `work` with the device and the stream as the calling thread's current ones.
  virtual void within(const Work& work) = 0;
  /// Waits until the device has completed all work on the stream.
  virtual void synchronize() = 0;
  /// Called after a failure. Waits until the device is idle; returns false if every call of the device fails.
  [[nodiscard]] virtual bool still_works() noexcept = 0;

  /// Starts a capture: work on the stream is recorded instead of executed. Such work must not wait for the device.
  virtual void begin_capture() = 0;
  /// Ends the capture, and returns a function that executes the recorded work at every call. `captured` is the function
  /// that was called since begin_capture().
  virtual Work end_capture(const Work& captured) = 0;
  /// Ends a capture after a failure. Returns false if the capture cannot be ended: LibTorch's allocator then treats it
  /// as active until the process ends, and no later capture works.
  virtual bool abandon_capture() noexcept = 0;

  /// Returns LibTorch's cached memory to the device; on CUDA that of all devices.
  virtual void free_unused() = 0;
  [[nodiscard]] virtual Memory memory() const = 0;
  /// A tensor of `count` bytes in host memory that the device can read and write (pinned memory on CUDA).
  [[nodiscard]] virtual at::Tensor host_bytes(std::int64_t count) const = 0;
};

/// The operations of `device`, which the build must support.
std::unique_ptr<DeviceOperations> make_device_operations(c10::Device device);

}  // namespace inpaintd
