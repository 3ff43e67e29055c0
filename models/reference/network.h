// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "models/lama/weights.h"

namespace inpaintd {

/// Inverse of rfft2(norm="ortho") to maps of `width` columns, for spectra [..., H, width / 2 + 1] that need not be
/// Hermitian: complex inverse along H, then complex-to-real along W, which ignores the imaginary part of column 0 and,
/// for an even width, of column width / 2. Libraries differ in their irfft2 for such
/// spectra; this function does not depend on the library.
at::Tensor inverse_rfft2(const at::Tensor& spectrum, std::int64_t width);

/// The LaMa generator (Suvorov et al., 2021) operation by operation as it was trained, in fp32, with nothing folded or
/// merged. It is the oracle that every faster engine is compared with, and the fallback on any device.
class LamaNetwork {
 public:
  /// `weights` must be complete, which load_lama_weights ensures.
  LamaNetwork(const LamaWeights& weights, c10::Device device);

  /// image [N,3,H,W] in 0..1 and mask [N,1,H,W] in {0,1} -> prediction [N,3,H,W] in 0..1.
  [[nodiscard]] at::Tensor forward(const at::Tensor& image, const at::Tensor& mask);

  /// The same as forward() without the sigmoid. With `calibrate` every BatchNorm normalises by the statistics of this
  /// input and stores them as its running statistics.
  [[nodiscard]] at::Tensor logits(const at::Tensor& image, const at::Tensor& mask, bool calibrate = false);

  [[nodiscard]] const at::Tensor& tensor(const std::string& name) const { return tensors_.at(name); }

 private:
  struct Maps {
    at::Tensor local;
    at::Tensor global;
  };
  at::Tensor norm_relu(const at::Tensor& x, const std::string& name);
  [[nodiscard]] at::Tensor convolve(const at::Tensor& x, const std::string& name, int pad, int stride = 1) const;
  at::Tensor fourier_unit(const at::Tensor& x, const std::string& name);
  at::Tensor spectral_transform(const at::Tensor& x, const std::string& name);
  Maps ffc_layer(const Maps& x, const std::string& name);
  Maps encode(const at::Tensor& image, const at::Tensor& mask);
  at::Tensor decode(at::Tensor x);

  int blocks_;
  std::map<std::string, at::Tensor> tensors_;
  bool calibrate_ = false;
};

}  // namespace inpaintd
