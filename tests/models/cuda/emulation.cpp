// SPDX-License-Identifier: Apache-2.0
#include "tests/models/cuda/emulation.h"

#include <ATen/ATen.h>
#include <c10/core/impl/FakeGuardImpl.h>
#include <torch/library.h>

#include "models/fused/cuda/device.h"
#include "tests/models/cuda/kernel_devices.h"

namespace inpaintd {
namespace {

using FakeGuard = c10::impl::FakeGuardImpl<c10::DeviceType::CUDA>;
C10_REGISTER_GUARD_IMPL(CUDA, FakeGuard);

/// A tensor with the memory of `x` that claims to be on `device`.
at::Tensor moved(const at::Tensor& x, c10::Device device) {
  return at::from_blob(x.data_ptr(), x.sizes(), x.strides(), [x](void*) {}, x.options().device(device), device);
}

at::Tensor empty(c10::IntArrayRef sizes, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                 c10::optional<at::Device> device, c10::optional<bool>, c10::optional<at::MemoryFormat>) {
  return moved(at::full(sizes, 77, at::TensorOptions().dtype(type)), *device);  // a value that no kernel writes
}

at::Tensor& fill(at::Tensor& x, const at::Scalar& value) {
  moved(x, c10::kCPU).fill_(value);
  return x;
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl("empty.memory_format", empty);
  library.impl("fill_.Scalar", fill);
}

}  // namespace

std::vector<Launch>& launches() {
  static std::vector<Launch> all;
  return all;
}

void note_launch(void* stream) { launches().push_back({FakeGuard::getDeviceIndex(), stream}); }

/// The number of a device's stream.
void* cuda::current_stream(c10::Device device) {
  static int streams[c10::impl::kFakeGuardImplMaxDevices];
  return &streams[device.index()];
}

std::vector<c10::Device> kernel_devices() { return {c10::Device(c10::kCUDA, 0), c10::Device(c10::kCUDA, 1)}; }
std::string why_no_kernel_devices() { return {}; }
at::Tensor to_device(const at::Tensor& x, c10::Device device) { return moved(x, device); }
at::Tensor to_host(const at::Tensor& x) { return moved(x, c10::kCPU).clone(); }

}  // namespace inpaintd
