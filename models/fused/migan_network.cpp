// SPDX-License-Identifier: Apache-2.0
#include "models/fused/migan_network.h"

#include <ATen/ATen.h>

namespace inpaintd {
namespace {

/// Doubles both sides: bilinear interpolation with zeros beyond the edge.
at::Tensor doubled(const at::Tensor& x) {
  const at::Tensor padded = at::constant_pad_nd(x, {1, 1, 1, 1});
  const std::int64_t height = 2 * x.size(2), width = 2 * x.size(3);
  return at::upsample_bilinear2d(padded, {height + 4, width + 4}, /*align_corners=*/false)
      .slice(2, 2, height + 2)
      .slice(3, 2, width + 2);
}

at::Tensor with_noise(at::Tensor x, const at::Tensor& noise) {
  if (!noise.defined()) return x;
  const std::int64_t side = noise.size(0), height = x.size(2), width = x.size(3);
  return x +
         noise.repeat({(height + side - 1) / side, (width + side - 1) / side}).slice(0, 0, height).slice(1, 0, width);
}

at::Tensor activate(const at::Tensor& x) { return at::leaky_relu(x, migan_slope); }

}  // namespace

FusedMigan::FusedMigan(const FoldedMigan& model, c10::Device device, at::ScalarType type)
    : device_(device), type_(type) {
  const at::Tensor row = at::tensor({0.125F, 0.375F, 0.375F, 0.125F});
  halving_ = at::outer(row, row).to(device_, type_);
  from_rgb_ = constant(model.from_rgb, {model.shape.channels[0], 4, 1, 1});
  from_bias_ = constant(model.from_bias, {model.shape.channels[0]});
  for (const MiganLevel& level : model.levels) {
    Level made;
    for (std::size_t i = 0; i < 2; ++i) {
      made.encoder[i] = layer(level.encoder[i], level.side);
      made.synthesis[i] = layer(level.synthesis[i], level.side);
    }
    made.to_rgb = constant(level.to_rgb, {3, level.channels, 1, 1});
    made.rgb_bias = constant(level.rgb_bias, {3});
    levels_.push_back(std::move(made));
  }
}

at::Tensor FusedMigan::constant(const std::vector<float>& values, std::vector<std::int64_t> shape) const {
  auto* data = const_cast<float*>(values.data());  // from_blob has no const form; clone() only reads
  const at::Tensor tensor = at::from_blob(data, shape, at::kFloat).clone().to(device_, type_);
  return shape.size() == 4 ? tensor.contiguous(at::MemoryFormat::ChannelsLast) : tensor;
}

FusedMigan::Layer FusedMigan::layer(const Separable& s, int side) const {
  return {constant(s.depthwise, {s.in, 1, 3, 3}), constant(s.bias, {s.in}), constant(s.pointwise, {s.out, s.in, 1, 1}),
          s.noise.empty() ? at::Tensor() : constant(s.noise, {side, side})};
}

/// Halves both sides with the weights 1 3 3 1 in each direction, and zeros beyond the edge.
at::Tensor FusedMigan::halved(const at::Tensor& x) const {
  return at::conv2d(x, halving_.expand({x.size(1), 1, 4, 4}), {}, /*stride=*/2, /*padding=*/1, /*dilation=*/1,
                    /*groups=*/x.size(1));
}

/// The layer up to the 1x1 convolution.
at::Tensor FusedMigan::mixed(const Layer& l, const at::Tensor& x, bool halve) const {
  at::Tensor each = activate(at::conv2d(x, l.depthwise, l.bias, /*stride=*/1, /*padding=*/1, /*dilation=*/1,
                                        /*groups=*/x.size(1)));
  if (halve) each = halved(each);
  return at::conv2d(each, l.pointwise);
}

at::Tensor FusedMigan::forward(const at::Tensor& image, const at::Tensor& mask) const {
  const at::Tensor known = 1 - mask;
  at::Tensor x =
      at::cat({known - 0.5, (image * 2 - 1) * known}, 1).to(type_).contiguous(at::MemoryFormat::ChannelsLast);
  x = activate(at::conv2d(x, from_rgb_, from_bias_));
  std::vector<at::Tensor> skips;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    skips.push_back(activate(mixed(levels_[i].encoder[0], x, false)));
    x = activate(mixed(levels_[i].encoder[1], skips.back(), i + 1 < levels_.size()));
  }
  at::Tensor picture;
  for (std::size_t i = levels_.size(); i-- > 0;) {
    const Level& level = levels_[i];
    at::Tensor first = mixed(level.synthesis[0], x, false);
    if (i + 1 < levels_.size()) first = doubled(first);
    x = activate(with_noise(std::move(first), level.synthesis[0].noise)) + skips[i];
    skips.pop_back();
    x = activate(with_noise(mixed(level.synthesis[1], x, false), level.synthesis[1].noise));
    const at::Tensor colours = at::conv2d(x, level.to_rgb, level.rgb_bias).to(at::kFloat);
    picture = picture.defined() ? doubled(picture) + colours : colours;
  }
  return picture * 0.5 + 0.5;
}

}  // namespace inpaintd
