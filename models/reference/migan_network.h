// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "models/migan/weights.h"

namespace inpaintd {

/// The MI-GAN generator (Sargsyan et al., ICCV 2023) operation by operation as it was trained, in fp32: the oracle that
/// every faster engine is compared with, and the fallback on any device.
class MiganNetwork {
 public:
  /// `weights` must be complete, which pick_migan ensures.
  MiganNetwork(const MiganWeights& weights, c10::Device device);

  /// image [N,3,H,W] in 0..1 and mask [N,1,H,W] in {0,1} -> prediction [N,3,H,W] in 0..1. H and W are multiples of
  /// MiganShape::side_multiple().
  [[nodiscard]] at::Tensor forward(const at::Tensor& image, const at::Tensor& mask) const;

 private:
  enum class Resample { none, halve, twice };

  [[nodiscard]] const at::Tensor& tensor(const std::string& name) const { return tensors_.at(name); }
  [[nodiscard]] at::Tensor resample(const at::Tensor& x, Resample how) const;
  [[nodiscard]] at::Tensor separable(const at::Tensor& x, const std::string& name, Resample how) const;
  [[nodiscard]] at::Tensor with_noise(const at::Tensor& x, const std::string& name) const;

  MiganShape shape_;
  std::map<std::string, at::Tensor> tensors_;
  at::Tensor filter_;  ///< 1 3 3 1 in each direction, over 64
};

}  // namespace inpaintd
