// SPDX-License-Identifier: Apache-2.0
#include "models/reference/network.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/models/reference.h"

namespace inpaintd {
namespace {

reference::Map random_map(int channels, int height, int width, std::mt19937& bits) {
  reference::Map map(channels, height, width);
  for (double& value : map.values) value = static_cast<double>(bits() % 256) / 255;
  return map;
}

at::Tensor tensor_of(const reference::Map& map) {
  at::Tensor tensor = at::empty({1, map.channels, map.height, map.width}, at::kFloat);
  std::copy(map.values.begin(), map.values.end(), tensor.data_ptr<float>());
  return tensor;
}

double largest_difference(const at::Tensor& tensor, const std::vector<double>& expected) {
  REQUIRE(tensor.numel() == static_cast<std::int64_t>(expected.size()));
  const at::Tensor dense = tensor.contiguous();
  const float* values = dense.data_ptr<float>();
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::abs(values[i] - expected[i]));
  return largest;
}

}  // namespace

TEST_CASE("the inverse FFT of a spectrum that is not Hermitian is complex along H, then real along W") {
  std::mt19937 bits(7);
  for (auto [height, width] : {std::pair{4, 6}, {5, 8}, {2, 3}, {3, 5}, {1, 2}, {8, 1}}) {
    CAPTURE(height);
    CAPTURE(width);
    reference::Spectrum spectrum;
    at::Tensor input = at::empty({1, 1, height, width / 2 + 1}, at::kComplexFloat);
    for (std::int64_t i = 0; i < input.numel(); ++i) {
      const std::complex<float> value(static_cast<float>(bits() % 1000) / 100, static_cast<float>(bits() % 1000) / 100);
      spectrum.emplace_back(value);
      input.data_ptr<c10::complex<float>>()[i] = value;
    }
    const at::Tensor plane = inverse_rfft2(input, width);
    CHECK(plane.sizes() == at::IntArrayRef({1, 1, height, width}));
    CHECK(largest_difference(plane, reference::inverse_dft(spectrum, height, width)) < 2e-5);
  }
}

TEST_CASE("the inverse FFT undoes rfft2") {
  const at::Tensor x = at::arange(48, at::kFloat).sin().view({1, 2, 4, 6});
  CHECK(at::allclose(inverse_rfft2(at::fft_rfft2(x, {}, {-2, -1}, "ortho"), 6), x, 1e-5, 1e-6));
}

TEST_CASE("the network equals its definition in float64 for any shape and size") {
  struct Case {
    LamaShape shape;
    int height, width;
  };
  std::mt19937 bits(11);
  for (const Case& c : {Case{{4, 2, 8, 24}, 16, 24}, Case{{4, 1, 16, 16}, 40, 24}, Case{{8, 1, 16, 48}, 32, 16}}) {
    CAPTURE(c.shape.ngf);
    CAPTURE(c.height);
    CAPTURE(c.width);
    const LamaWeights weights = random_lama_weights(c.shape, 3);
    const reference::Map image = random_map(3, c.height, c.width, bits);
    reference::Map mask(1, c.height, c.width);
    for (int y = 4; y < 12; ++y)
      for (int x = 5; x < 14; ++x) mask.at(0, y, x) = 1;
    const reference::Map expected = reference::predict(weights, image, mask);
    // A constant picture would hide every mistake.
    const auto [low, high] = std::minmax_element(expected.values.begin(), expected.values.end());
    REQUIRE(*high - *low > 0.5);
    const c10::InferenceMode inference;
    LamaNetwork network(weights, c10::kCPU);
    // fp32 rounds by 6e-8; on the way through the network that grows by a factor that depends on the order of the sums.
    // A mistake shows in the first digits, and a level of a byte is 4e-3.
    CHECK(largest_difference(network.forward(tensor_of(image), tensor_of(mask)), expected.values) < 5e-5);
  }
}

TEST_CASE("random weights of 18 blocks give logits with a deviation of about 1.5, and a seed gives the same numbers") {
  const LamaWeights weights = random_lama_weights({8, 18, 16, 48}, 5);
  CHECK(random_lama_weights({8, 18, 16, 48}, 5).tensors.at("34.bias").values == weights.tensors.at("34.bias").values);
  CHECK(random_lama_weights({8, 18, 16, 48}, 6).tensors.at("1.ffc.convl2l.weight").values !=
        weights.tensors.at("1.ffc.convl2l.weight").values);
  const c10::InferenceMode inference;
  LamaNetwork network(weights, c10::kCPU);
  std::mt19937 bits(1);
  const at::Tensor image = tensor_of(random_map(3, 96, 64, bits));
  const at::Tensor logits = network.logits(image, at::zeros({1, 1, 96, 64}));
  CHECK(logits.std().item<double>() > 0.75);
  CHECK(logits.std().item<double>() < 3);
  CHECK(std::abs(logits.mean().item<double>()) < 1);
}

}  // namespace inpaintd
