// SPDX-License-Identifier: Apache-2.0
#include "tests/models/cuda/emulation.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "models/fused/cuda/device.h"
#include "models/fused/ops.h"
#include "tests/models/cuda/kernel_devices.h"

namespace inpaintd {
namespace {

bool same(float a, float b) { return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b); }

}  // namespace

TEST_CASE("the stand-ins for CUDA's 16-bit types round as LibTorch's do") {
  std::mt19937 random(1);
  const auto check = [](float value) {
    CAPTURE(value);
    CHECK(same(static_cast<float>(__half(value)), static_cast<float>(c10::Half(value))));
    CHECK(same(static_cast<float>(__nv_bfloat16(value)), static_cast<float>(c10::BFloat16(value))));
  };
  for (const float each : {0.0F, -0.0F, 1.0F, 65504.0F, 65519.9F, 65520.0F, INFINITY, -INFINITY, NAN, 2049.0F, 2051.0F})
    check(each);
  for (int exponent = -30; exponent < 20; ++exponent)
    for (int i = 0; i < 200; ++i) {
      const float value = std::ldexp(1 + static_cast<float>(random() % 4096) / 4096, exponent);  // ties among them
      check(i % 2 == 0 ? value : -value);
    }
}

TEST_CASE("every launch goes to its tensors' device and that device's stream, independent of the thread's device") {
  for (const int index : {0, 1, 5}) {
    const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
    const c10::DeviceGuard elsewhere(c10::Device(c10::kCUDA, 3));
    const auto on_device = [&](std::vector<std::int64_t> shape) { return to_device(at::randn(shape), device); };
    const at::Tensor bytes = to_device(at::zeros({1, 16, 16, 3}, at::kByte), device);
    launches().clear();
    (void)fused::pack_input(bytes, to_device(at::zeros({1, 16, 16, 1}, at::kByte), device), at::kFloat);
    (void)fused::reflect_pad(on_device({1, 8, 8, 4}), 1);
    (void)fused::join(on_device({1, 8, 8, 4}), on_device({1, 8, 8, 12}), {});
    (void)fused::join_spectrum(on_device({1, 2, 5, 4}), on_device({1, 5, 8}), on_device({8}));
    (void)fused::finish(on_device({1, 2, 2, 48}));
    REQUIRE(launches().size() == 5);
    for (const Launch& launch : launches()) {
      CHECK(launch.device == index);
      CHECK(launch.stream == cuda::current_stream(device));
    }
  }
}

}  // namespace inpaintd
