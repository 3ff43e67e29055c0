// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

/// The steps of a FusedLama between its matrix products, each one pass over its maps. Maps are [N, H, W, C] without
/// gaps. On CUDA devices these are the project's own kernels (models/cuda/), if the build has them; everywhere else,
/// operations of LibTorch, with which tests compare the kernels.
namespace inpaintd::fused {

/// Pictures uint8 [N,H,W,3] and masks uint8 [N,H,W,1] (> 127 is a hole) -> the network's input of `type`,
/// [N, H + 6, W + 6, 8]: colours in 0..1, black in the hole; the mask; four channels of zeros, since matrix units want
/// multiples of eight. Three pixels are reflected at each side.
at::Tensor pack_input(const at::Tensor& image, const at::Tensor& mask, at::ScalarType type);

/// `pad` reflected pixels at each side.
at::Tensor reflect_pad(const at::Tensor& x, int pad);

/// The maps that the next FFC layer reads.
struct Joined {
  at::Tensor x;             ///< [N,H,W,L+G]: [local | relu(global)], plus the residual
  at::Tensor padded;        ///< x with one reflected pixel at each side
  at::Tensor padded_local;  ///< its first L channels, without gaps
};

/// `local` [N,H,W,L] is complete, `global` [N,H,W,G] still lacks its ReLU. `residual` [N,H,W,L+G] may be undefined.
Joined join(const at::Tensor& local, const at::Tensor& global, const at::Tensor& residual);

/// `spectrum` [N,2,P,C] (real parts, imaginary parts, of P frequencies) + relu(`filtered` [N,P,2C] + `bias` [2C]),
/// where filtered and bias hold all real parts before all imaginary parts. Overwrites and returns `spectrum`.
at::Tensor join_spectrum(const at::Tensor& spectrum, const at::Tensor& filtered, const at::Tensor& bias);

/// The predictions of a batch.
struct Finished {
  at::Tensor pictures;  ///< uint8 [N,H,W,3]
  at::Tensor finite;    ///< bool [N]: no NaN and no Inf in the picture
};

/// `logits` [N,H/4,W/4,48], 4x4 pixels by colour in each, -> sigmoid -> 8 bits, truncated.
Finished finish(const at::Tensor& logits);

}  // namespace inpaintd::fused
