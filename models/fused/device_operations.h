// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace inpaintd {

/// What a Recorder asks of the device of one engine. On CUDA devices work goes to a stream that is the object's own
/// (models/fused/cuda/device.cpp); elsewhere operations are done when they return, and nothing is recorded.
class DeviceOperations {
 public:
  using Work = std::function<void()>;

  /// In bytes; all zeros where nothing is known, as on CPUs.
  struct Memory {
    std::size_t total = 0;
    std::size_t free = 0;    ///< of `total`, for whichever process asks first
    std::size_t held = 0;    ///< what this process has taken from the device, in use or not
    std::size_t unused = 0;  ///< the part of `held` that no tensor has: cached, or kept by recordings for their replays
  };

  virtual ~DeviceOperations() = default;

  /// Calls `work` with the device and the stream as the calling thread's current ones.
  virtual void within(const Work& work) = 0;
  /// Waits until the device has done all that was put on the stream.
  virtual void synchronize() = 0;
  /// Called after a failure: waits for whatever the device still does. False when it answers every call with an error.
  [[nodiscard]] virtual bool still_works() noexcept = 0;

  /// From here on, work on the stream is noted instead of done. What is noted must not wait for the device.
  virtual void begin_capture() = 0;
  /// Ends that, and returns what does the noted work, as often as it is called. `captured` is what ran since.
  virtual Work end_capture(const Work& captured) = 0;
  /// Ends a capture of which something failed. False when it cannot be ended in order: then LibTorch's allocator
  /// believes until the process ends that it is under way, and no later capture will work.
  virtual bool abandon_capture() noexcept = 0;

  /// Gives memory that LibTorch keeps for later back to the device; on CUDA that of all devices.
  virtual void free_unused() = 0;
  [[nodiscard]] virtual Memory memory() const = 0;
  /// Bytes of the host that the device can fetch and write by itself.
  [[nodiscard]] virtual at::Tensor host_bytes(std::int64_t count) const = 0;
};

/// For any device that this build has code for.
std::unique_ptr<DeviceOperations> make_device_operations(c10::Device device);

}  // namespace inpaintd
