// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "models/lama/structure.h"
#include "models/reference/network.h"
#include "models/uniform.h"

namespace inpaintd {
namespace {

constexpr int calibration_side = 128;
constexpr float logits_deviation = 1.5F;  // with it the sigmoid uses its whole range and seldom saturates

Tensor make_tensor(const std::string& name, const std::vector<std::int64_t>& shape, Uniform& uniform) {
  std::int64_t count = 1;
  for (std::int64_t extent : shape) count *= extent;
  Tensor tensor{shape, std::vector<float>(static_cast<std::size_t>(count))};
  if (shape.size() == 4) {  // a convolution: the variance 2 / inputs compensates the ReLU (He et al., 2015)
    const float bound = std::sqrt(6.0F * static_cast<float>(shape[0]) / static_cast<float>(count));
    uniform.fill(tensor.values, -bound, bound);
  } else if (name.ends_with(".weight") || name.ends_with(".running_var")) {
    uniform.fill(tensor.values, 0.8F, 1.2F);
  } else {
    uniform.fill(tensor.values, -0.1F, 0.1F);
  }
  return tensor;
}

at::Tensor random_tensor(std::vector<std::int64_t> shape, Uniform& uniform) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::vector<float> values(static_cast<std::size_t>(tensor.numel()));
  uniform.fill(values, 0, 1);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

/// Sets the running statistics to those of one noise picture with a hole, and the last convolution to logits of mean 0.
void calibrate(LamaWeights& weights, Uniform& uniform) {
  const c10::InferenceMode inference;
  LamaNetwork network(weights, c10::kCPU);
  const at::Tensor image = random_tensor({1, 3, calibration_side, calibration_side}, uniform);
  const at::Tensor mask = at::zeros({1, 1, calibration_side, calibration_side});
  mask.slice(2, 32, 80).slice(3, 48, 96).fill_(1);
  const at::Tensor logits = network.logits(image, mask, /*calibrate=*/true);
  for (auto& [name, tensor] : weights.tensors) {
    if (name.find(".running_") == name.npos) continue;
    const float* values = network.tensor(name).data_ptr<float>();
    std::copy(values, values + tensor.values.size(), tensor.values.begin());
  }
  const std::string last = std::to_string(decoder_index(weights.shape.blocks).last);
  const float scale = logits_deviation / std::max(logits.std().item<float>(), 1e-6F);
  for (float& value : weights.tensors[last + ".weight"].values) value *= scale;
  auto& bias = weights.tensors[last + ".bias"].values;
  for (std::size_t c = 0; c < bias.size(); ++c)
    bias[c] = scale * (bias[c] - logits.select(1, static_cast<std::int64_t>(c)).mean().item<float>());
}

}  // namespace

LamaWeights random_lama_weights(const LamaShape& shape, std::uint32_t seed) {
  Uniform uniform(seed);
  LamaWeights weights;
  weights.shape = shape;
  for (const auto& [name, extents] : lama_tensors(shape)) weights.tensors[name] = make_tensor(name, extents, uniform);
  calibrate(weights, uniform);
  weights.model = "random-" + std::to_string(shape.ngf) + "-" + std::to_string(shape.blocks);
  weights.origin = "random numbers, seed " + std::to_string(seed);
  return weights;
}

}  // namespace inpaintd
