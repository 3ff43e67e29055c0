// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/migan/fold.h"

namespace inpaintd {

/// MI-GAN with few passes over memory: gains folded, channels innermost, doubling as bilinear interpolation, in one
/// floating-point type. Activations of the trained network stay below 50, so fp16 needs no scales. Runs on every device
/// of LibTorch.
class FusedMigan {
 public:
  FusedMigan(const FoldedMigan& model, c10::Device device, at::ScalarType type);

  /// As MiganNetwork::forward; the answer is fp32.
  [[nodiscard]] at::Tensor forward(const at::Tensor& image, const at::Tensor& mask) const;

 private:
  struct Layer {
    at::Tensor depthwise, bias, pointwise, noise;
  };
  struct Level {
    Layer encoder[2], synthesis[2];
    at::Tensor to_rgb, rgb_bias;
  };

  [[nodiscard]] at::Tensor constant(const std::vector<float>& values, std::vector<std::int64_t> shape) const;
  [[nodiscard]] Layer layer(const Separable& s, int side) const;
  [[nodiscard]] at::Tensor halved(const at::Tensor& x) const;
  [[nodiscard]] at::Tensor mixed(const Layer& layer, const at::Tensor& x, bool halve) const;

  c10::Device device_;
  at::ScalarType type_;
  at::Tensor halving_;  ///< [4, 4]: 1 3 3 1 in each direction, over 64
  at::Tensor from_rgb_, from_bias_;
  std::vector<Level> levels_;
};

}  // namespace inpaintd
