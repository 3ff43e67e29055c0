// SPDX-License-Identifier: Apache-2.0
// Compares the kernels with the operations of LibTorch that they replace, both through models/fused/ops.h.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <limits>
#include <tuple>

#include "models/fused/ops.h"
#include "tests/models/cuda/kernel_devices.h"

namespace inpaintd {
namespace {

const std::vector<at::ScalarType> types{at::kFloat, at::kHalf, at::kBFloat16};

/// Pictures, rows and columns; the last size has more elements than the emulation has threads.
const std::vector<std::array<std::int64_t, 3>> maps{{2, 16, 24}, {3, 40, 16}, {1, 72, 96}};

/// The reference for 16-bit operations: LibTorch's in fp32, rounded once at the end, as the kernels round.
/// LibTorch lacks some of them in fp16 on CPUs.
at::Tensor wide(const at::Tensor& x) { return x.defined() ? x.to(at::kFloat) : x; }

at::Tensor random(std::vector<std::int64_t> shape, at::ScalarType type) { return at::randn(shape).to(type); }

void check_same(const at::Tensor& found, const at::Tensor& expected, double tolerance = 0) {
  const at::Tensor on_host = found.is_cpu() ? found : to_host(found);
  REQUIRE((on_host.sizes() == expected.sizes()));
  const at::Tensor rounded = expected.to(on_host.scalar_type());
  CHECK(at::allclose(wide(on_host), wide(rounded), 0, tolerance, /*equal_nan=*/true));
}

/// Calls `check` for every device, type and size of maps.
template <class Check>
void for_each_case(const Check& check) {
  const c10::InferenceMode inference;
  at::manual_seed(1);
  const auto devices = kernel_devices();
  if (devices.empty()) MESSAGE("skipped: ", why_no_kernel_devices());
  for (const c10::Device& device : devices)
    for (const at::ScalarType type : types)
      for (const auto& [n, h, w] : maps) {
        CAPTURE(device.str());
        CAPTURE(std::string(c10::toString(type)));
        CAPTURE(h);
        CAPTURE(w);
        check(device, type, n, h, w);
      }
}

}  // namespace

TEST_CASE("the kernel that packs the input gives the network's input of LibTorch's operations") {
  for_each_case([](c10::Device device, at::ScalarType type, auto n, auto h, auto w) {
    const at::Tensor image = at::randint(0, 256, {n, h, w, 3}, at::kByte);
    const at::Tensor mask = at::randint(0, 256, {n, h, w, 1}, at::kByte);
    const at::Tensor found = fused::pack_input(to_device(image, device), to_device(mask, device), type);
    check_same(found, fused::pack_input(image, mask, type));
  });
}

TEST_CASE("the kernel that pads reflects as LibTorch's operations do, for any number of channels") {
  for_each_case([](c10::Device device, at::ScalarType type, auto n, auto h, auto w) {
    for (const int channels : {3, 28, 48})
      for (const int pad : {1, 3}) {
        CAPTURE(channels);
        CAPTURE(pad);
        const at::Tensor x = random({n, h, w, channels}, type);
        check_same(fused::reflect_pad(to_device(x, device), pad), fused::reflect_pad(x, pad));
      }
  });
}

TEST_CASE("the kernel that joins gives the three maps of LibTorch's operations, from slices and from whole maps") {
  for_each_case([](c10::Device device, at::ScalarType type, auto n, auto h, auto w) {
    h /= 8;
    w /= 8;
    for (const auto& [locals, globals] : {std::pair(16, 48), {56, 168}, {5, 7}})
      for (const bool slices : {false, true})
        for (const bool with_residual : {false, true}) {
          CAPTURE(locals);
          CAPTURE(slices);
          CAPTURE(with_residual);
          const at::Tensor all = random({n, h, w, locals + globals}, type);
          at::Tensor local = all.slice(3, 0, locals), global = all.slice(3, locals);
          if (!slices) std::tie(local, global) = std::pair(local.contiguous(), global.contiguous());
          const at::Tensor residual = with_residual ? random({n, h, w, locals + globals}, type) : at::Tensor();
          const fused::Joined found = fused::join(to_device(local, device), to_device(global, device),
                                                  with_residual ? to_device(residual, device) : residual);
          const fused::Joined expected = fused::join(wide(local), wide(global), wide(residual));
          check_same(found.x, expected.x);
          check_same(found.padded, expected.padded);
          check_same(found.padded_local, expected.padded_local);
        }
  });
}

TEST_CASE("the kernel that joins keeps NaN") {
  for_each_case([](c10::Device device, at::ScalarType type, auto n, auto h, auto w) {
    const at::Tensor local = random({n, h, w, 8}, type), global = random({n, h, w, 8}, type);
    for (const at::Tensor& each : {local, global}) each.view({-1})[17] = std::numeric_limits<float>::quiet_NaN();
    const fused::Joined found = fused::join(to_device(local, device), to_device(global, device), {});
    CHECK(at::isnan(to_host(found.x)).sum().template item<int>() == 2);
    check_same(found.padded, fused::join(wide(local), wide(global), {}).padded);
  });
}

TEST_CASE("the kernel that joins spectra adds what LibTorch's operations add, in place") {
  for_each_case([](c10::Device device, at::ScalarType type, auto n, auto h, auto w) {
    const std::int64_t points = h / 8 * (w / 16 + 1);
    for (const int channels : {24, 84, 7}) {
      CAPTURE(channels);
      const at::Tensor spectrum = random({n, 2, points, channels}, type);
      const at::Tensor filtered = random({n, points, 2 * channels}, type), bias = random({2 * channels}, type);
      const at::Tensor expected = fused::join_spectrum(wide(spectrum).clone(), wide(filtered), wide(bias));
      const at::Tensor in_place = to_device(spectrum, device);
      const at::Tensor found = fused::join_spectrum(in_place, to_device(filtered, device), to_device(bias, device));
      CHECK(found.data_ptr() == in_place.data_ptr());
      check_same(found, expected);
    }
  });
}

TEST_CASE("the kernel that finishes gives LibTorch's bytes, and flags pictures with NaN or Inf") {
  for_each_case([](c10::Device device, at::ScalarType type, auto n, auto h, auto w) {
    const at::Tensor logits = (at::randn({n, h / 4, w / 4, 48}) * 4).to(type);
    if (n > 1) logits[1][2][1][17] = std::numeric_limits<float>::quiet_NaN();
    if (n > 2) logits[2][0][0][47] = std::numeric_limits<float>::infinity();
    const fused::Finished found = fused::finish(to_device(logits, device)), expected = fused::finish(wide(logits));
    check_same(found.finite, expected.finite);
    CHECK(to_host(found.finite).sum().template item<int>() == 1);
    // If the exponential functions differ in the last place, truncation may turn this into a level.
    check_same(to_host(found.pictures)[0], expected.pictures[0], 1);
  });
}

}  // namespace inpaintd
