// SPDX-License-Identifier: Apache-2.0
#include "models/reference/migan_network.h"

#include <ATen/ATen.h>

#include "models/migan/fold.h"
#include "models/migan/structure.h"

namespace inpaintd {
namespace {

constexpr double activation_max = 256;

/// Leaky ReLU with gain and limit, as in training.
at::Tensor activate(const at::Tensor& x) {
  return at::leaky_relu(x, migan_slope).mul_(migan_gain).clamp_(-activation_max, activation_max);
}

}  // namespace

MiganNetwork::MiganNetwork(const MiganWeights& weights, c10::Device device) : shape_(weights.shape) {
  for (const auto& [name, tensor] : weights.tensors) {
    auto* values = const_cast<float*>(tensor.values.data());  // from_blob has no const form; clone() only reads
    tensors_[name] = at::from_blob(values, tensor.shape, at::kFloat).clone().to(device);
  }
  const at::Tensor row = at::tensor({1.0F, 3.0F, 3.0F, 1.0F});
  filter_ = at::outer(row, row).div_(64).to(device);
}

/// Halves or doubles both sides. Doubling is the transposed operation times 4, which keeps constant maps constant.
at::Tensor MiganNetwork::resample(const at::Tensor& x, Resample how) const {
  if (how == Resample::none) return x;
  const std::int64_t channels = x.size(1);
  const at::Tensor filter = filter_.expand({channels, 1, 4, 4});
  if (how == Resample::halve)
    return at::conv2d(x, filter, {}, /*stride=*/2, /*padding=*/1, /*dilation=*/1, /*groups=*/channels);
  return at::conv_transpose2d(x, filter * 4, {}, /*stride=*/2, /*padding=*/1, /*output_padding=*/0,
                              /*groups=*/channels);
}

/// Adds the layer's noise to every channel. The noise repeats over maps that are larger than in training.
at::Tensor MiganNetwork::with_noise(const at::Tensor& x, const std::string& name) const {
  const auto found = tensors_.find(name + ".noise");
  if (found == tensors_.end()) return x;
  const at::Tensor& noise = found->second;
  const std::int64_t side = noise.size(0), height = x.size(2), width = x.size(3);
  return x +
         noise.repeat({(height + side - 1) / side, (width + side - 1) / side}).slice(0, 0, height).slice(1, 0, width);
}

at::Tensor MiganNetwork::separable(const at::Tensor& x, const std::string& name, Resample how) const {
  const at::Tensor each = activate(at::conv2d(x, tensor(name + ".conv1.weight"), tensor(name + ".conv1.bias"),
                                              /*stride=*/1, /*padding=*/1, /*dilation=*/1, /*groups=*/x.size(1)));
  const at::Tensor smaller = how == Resample::halve ? resample(each, how) : each;
  const at::Tensor mixed = at::conv2d(smaller, tensor(name + ".conv2.weight"));
  return activate(with_noise(how == Resample::twice ? resample(mixed, how) : mixed, name));
}

at::Tensor MiganNetwork::forward(const at::Tensor& image, const at::Tensor& mask) const {
  const at::Tensor known = 1 - mask;
  const std::string first = encoder_name(shape_, 0) + ".fromrgb";
  at::Tensor x = at::cat({known - 0.5, (image * 2 - 1) * known}, 1);
  x = activate(at::conv2d(x, tensor(first + ".weight"), tensor(first + ".bias")));
  const std::size_t deepest = shape_.levels() - 1;
  std::vector<at::Tensor> skips;
  for (std::size_t level = 0; level <= deepest; ++level) {
    const std::string name = encoder_name(shape_, level);
    skips.push_back(separable(x, name + ".conv1", Resample::none));
    x = separable(skips.back(), name + ".conv2", level < deepest ? Resample::halve : Resample::none);
  }
  at::Tensor picture;
  for (std::size_t level = deepest + 1; level-- > 0;) {
    const std::string name = synthesis_name(shape_, level);
    x = separable(x, name + ".conv1", level < deepest ? Resample::twice : Resample::none) + skips[level];
    x = separable(x, name + ".conv2", Resample::none);
    const at::Tensor colours = at::conv2d(x, tensor(name + ".torgb.weight"), tensor(name + ".torgb.bias"));
    picture = level < deepest ? resample(picture, Resample::twice) + colours : colours;
  }
  return picture.mul_(0.5).add_(0.5);
}

}  // namespace inpaintd
