// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include "models/inpainter.h"
#include "tests/models/cuda/kernel_devices.h"

namespace inpaintd {

std::vector<c10::Device> kernel_devices() {
  std::vector<c10::Device> devices;
  for (const std::string& name : available_devices())
    if (name != "cpu") devices.emplace_back(name);
  return devices;
}

std::string why_no_kernel_devices() { return "LibTorch has CUDA, but no CUDA device answers"; }

at::Tensor to_device(const at::Tensor& x, c10::Device device) {
  const at::Tensor moved = at::empty_strided(x.sizes(), x.strides(), x.options().device(device));
  return moved.copy_(x);
}

at::Tensor to_host(const at::Tensor& x) { return x.cpu(); }

}  // namespace inpaintd
