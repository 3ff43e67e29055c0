// SPDX-License-Identifier: Apache-2.0
#include "models/fused/device_operations.h"

#include <ATen/ATen.h>

#ifdef INPAINTD_CUDA
#include "models/fused/cuda/device.h"
#endif

namespace inpaintd {
namespace {

/// Devices whose operations are done when they return.
class PlainOperations final : public DeviceOperations {
 public:
  void within(const Work& work) override { work(); }
  void synchronize() override {}
  [[nodiscard]] bool still_works() noexcept override { return true; }
  void begin_capture() override {}
  Work end_capture(const Work& captured) override { return captured; }
  bool abandon_capture() noexcept override { return true; }
  void free_unused() override {}
  [[nodiscard]] Memory memory() const override { return {}; }
  [[nodiscard]] at::Tensor host_bytes(std::int64_t count) const override { return at::empty({count}, at::kByte); }
};

}  // namespace

std::unique_ptr<DeviceOperations> make_device_operations([[maybe_unused]] c10::Device device) {
#ifdef INPAINTD_CUDA
  if (device.is_cuda()) return cuda::make_operations(device);
#endif
  return std::make_unique<PlainOperations>();
}

}  // namespace inpaintd
