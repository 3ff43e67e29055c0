// SPDX-License-Identifier: Apache-2.0
// The one file that speaks to the CUDA side of LibTorch; compiled where torch_cuda is there.
#include "models/runner.h"

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/version.h>

namespace inpaintd {
namespace {

constexpr int warm_ups = 3;  // libraries choose their algorithms and allocate their workspaces; a graph must not

class CudaRunner final : public Runner {
 public:
  explicit CudaRunner(c10::Device device)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())),
        pool_(at::cuda::graph_pool_handle()) {}

  void run(const Work& work) override {
    const c10::cuda::CUDAStreamGuard guard(stream_);
    work();
    stream_.synchronize();
  }

  Work record(const Work& work) override {
    const c10::cuda::CUDAStreamGuard guard(stream_);
    for (int i = 0; i < warm_ups; ++i) work();
    stream_.synchronize();
    auto graph = std::make_shared<at::cuda::CUDAGraph>();
#if TORCH_VERSION_MAJOR >= 2
    graph->capture_begin(pool_, cudaStreamCaptureModeThreadLocal);  // other replicas may allocate meanwhile
#else
    graph->capture_begin(pool_);
#endif
    try {
      work();
    } catch (...) {
      graph->capture_end();
      throw;
    }
    graph->capture_end();
    return [graph] { graph->replay(); };
  }

  [[nodiscard]] at::Tensor host_bytes(std::vector<std::int64_t> shape) const override {
    return at::empty(shape, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
  }

  void release_memory() override { c10::cuda::CUDACachingAllocator::emptyCache(); }

 private:
  c10::cuda::CUDAStream stream_;
  decltype(at::cuda::graph_pool_handle()) pool_;  ///< shared by all graphs: they never run at the same time
};

}  // namespace

void* cuda::current_stream(c10::Device device) { return c10::cuda::getCurrentCUDAStream(device.index()).stream(); }

std::unique_ptr<Runner> cuda::make_runner(c10::Device device) { return std::make_unique<CudaRunner>(device); }

}  // namespace inpaintd
