// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include "models/runner.h"

namespace inpaintd {
namespace {

/// Devices whose operations are done when they return.
class PlainRunner final : public Runner {
 public:
  void run(const Work& work) override { work(); }
  Work record(const Work& work) override { return work; }
  [[nodiscard]] at::Tensor host_bytes(std::vector<std::int64_t> shape) const override {
    return at::empty(shape, at::kByte);
  }
  void release_memory() override {}
};

}  // namespace

std::unique_ptr<Runner> make_runner([[maybe_unused]] c10::Device device) {
#ifdef INPAINTD_CUDA
  if (device.is_cuda()) return cuda::make_runner(device);
#endif
  return std::make_unique<PlainRunner>();
}

}  // namespace inpaintd
