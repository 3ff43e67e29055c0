// SPDX-License-Identifier: Apache-2.0
// The only file that calls the CUDA part of LibTorch; compiled if LibTorch has torch_cuda.
#include "models/fused/cuda/device.h"

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <utility>

namespace inpaintd::cuda {
namespace {

/// Since LibTorch 2.1 a capture may leave other threads free to allocate meanwhile.
template <class Graph, class Pool>
void begin(Graph& graph, const Pool& pool) {
  if constexpr (requires { graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal); })
    graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
  else
    graph.capture_begin(pool);
}

class CudaOperations final : public DeviceOperations {
 public:
  explicit CudaOperations(c10::Device device)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {
    (void)at::empty({1}, at::TensorOptions(device));  // sets the allocator up, which memory() asks
  }

  void within(const Work& work) override {
    const c10::cuda::CUDAStreamGuard guard(stream_);  // makes the stream's device current, too
    work();
  }

  /// Sleeps instead of spinning, which is CUDA's default and would cost a core for every engine that is busy.
  void synchronize() override {
    at::cuda::CUDAEvent done(cudaEventDisableTiming | cudaEventBlockingSync);
    done.record(stream_);
    done.synchronize();
  }

  [[nodiscard]] bool still_works() noexcept override {
    int before = 0;
    if (cudaGetDevice(&before) != cudaSuccess || cudaSetDevice(stream_.device_index()) != cudaSuccess) return false;
    (void)cudaGetLastError();  // clears the error of one call; an error of the context occurs again
    const cudaError_t error = cudaDeviceSynchronize();
    (void)cudaSetDevice(before);
    return error == cudaSuccess || error == cudaErrorMemoryAllocation;
  }

  void begin_capture() override {
    graph_ = std::make_shared<at::cuda::CUDAGraph>();
    begin(*graph_, at::cuda::graph_pool_handle());  // a pool of its own: its memory goes when the recording goes
  }

  Work end_capture(const Work&) override {
    graph_->capture_end();
    return [graph = std::exchange(graph_, nullptr)] { graph->replay(); };
  }

  bool abandon_capture() noexcept override {
    if (!graph_) return true;
    try {
      graph_->capture_end();
      graph_ = nullptr;
      return true;
    } catch (...) {
      // The allocator may ask this graph until the process ends whether it still captures.
      new std::shared_ptr<at::cuda::CUDAGraph>(std::exchange(graph_, nullptr));
      return false;
    }
  }

  void free_unused() override { c10::cuda::CUDACachingAllocator::emptyCache(); }

  [[nodiscard]] Memory memory() const override {
    const c10::cuda::CUDAGuard guard(stream_.device_index());
    Memory memory;
    C10_CUDA_CHECK(cudaMemGetInfo(&memory.free, &memory.total));
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(stream_.device_index());
    memory.held = static_cast<std::size_t>(stats.reserved_bytes[0].current);  // 0: of all pools together
    memory.unused = memory.held - static_cast<std::size_t>(stats.allocated_bytes[0].current);
    return memory;
  }

  [[nodiscard]] at::Tensor host_bytes(std::int64_t count) const override {
    return at::empty({count}, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
  }

 private:
  c10::cuda::CUDAStream stream_;
  std::shared_ptr<at::cuda::CUDAGraph> graph_;  ///< while it is being captured
};

}  // namespace

void* current_stream(c10::Device device) { return c10::cuda::getCurrentCUDAStream(device.index()).stream(); }

std::unique_ptr<DeviceOperations> make_operations(c10::Device device) {
  return std::make_unique<CudaOperations>(device);
}

}  // namespace inpaintd::cuda
