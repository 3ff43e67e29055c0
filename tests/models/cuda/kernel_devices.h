// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

/// The devices on which the tests of the kernels run: every GPU if LibTorch has CUDA, else emulated ones.
namespace inpaintd {

std::vector<c10::Device> kernel_devices();
/// The reason if there are no devices.
std::string why_no_kernel_devices();

/// `x` with the same strides on `device`.
at::Tensor to_device(const at::Tensor& x, c10::Device device);
at::Tensor to_host(const at::Tensor& x);

}  // namespace inpaintd
