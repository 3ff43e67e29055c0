// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

namespace inpaintd {

/// Runs pieces of work on one device, in order. On CUDA devices they go to a stream of the runner's own, and a piece
/// that is run again and again can be recorded as a CUDA graph, which costs one launch instead of a thousand.
class Runner {
 public:
  using Work = std::function<void()>;
  virtual ~Runner() = default;

  /// Runs `work` and waits until the device is done with it.
  virtual void run(const Work& work) = 0;
  /// Runs `work` a few times and returns what repeats it on the same tensors. Tensors that it makes must be kept alive
  /// with the result; it must not wait for the device.
  virtual Work record(const Work& work) = 0;
  /// Bytes of the host that the device can fetch and write by itself.
  [[nodiscard]] virtual at::Tensor host_bytes(std::vector<std::int64_t> shape) const = 0;
  /// Gives memory that is cached but unused back to the device.
  virtual void release_memory() = 0;
};

/// A runner for any device that this build has code for.
std::unique_ptr<Runner> make_runner(c10::Device device);

namespace cuda {
std::unique_ptr<Runner> make_runner(c10::Device device);
/// The cudaStream_t that LibTorch's operations are being put on.
void* current_stream(c10::Device device);
}  // namespace cuda

}  // namespace inpaintd
