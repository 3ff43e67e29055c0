// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "models/lama/weights.h"

namespace inpaintd {

/// A convolution with everything that follows linearly folded in. `weight` is [out, in, kernel_h, kernel_w].
struct Convolution {
  int in = 0;
  int out = 0;
  int kernel_h = 0;
  int kernel_w = 0;
  std::vector<float> weight;
  std::vector<float> bias;  ///< [out]
};

/// One FFC layer on one tensor x = [local | global] of `local + global` channels:
///   local'  = relu(to_local(x))
///   s       = relu(conv1(x_global)),  S = rfft2(s)
///   global' = relu(local_to_global(x_local) + conv2(irfft2(S + relu(spectral(S)))))
struct FoldedFfc {
  Convolution to_local;         ///< 3x3, local + global -> local: l2l and g2l merged, bn_l folded
  Convolution local_to_global;  ///< 3x3, local -> global, bn_g folded; carries bn_g's bias
  Convolution conv1;            ///< 1x1, global -> global / 2
  Convolution spectral;         ///< 1x1 on interleaved (re, im), global -> global
  Convolution conv2;            ///< 1x1, global / 2 -> global, bn_g's scale folded; zero bias
};

/// big-lama and its smaller kin as few, large operations: the same function as the trained tensors (docs/engine.md).
struct FoldedLama {
  LamaShape shape;
  Convolution first;                ///< 7x7, 4 -> ngf, reflect pad 3
  std::array<Convolution, 3> down;  ///< 3x3 stride 2, reflect pad 1; the last one makes [local | global]
  std::vector<FoldedFfc> layers;    ///< two per block; the block's input is added after the second, without ReLU
  std::array<Convolution, 3> up;    ///< transposed 3x3 stride 2 pad 1 output pad 1, weight stored [in, out, 3, 3]
  Convolution last;                 ///< 7x7, ngf -> 3, reflect pad 3; then sigmoid
};

/// Folds every batch normalisation (eps 1e-5, in float64) and merges what adds up. Exact up to fp32 rounding.
FoldedLama fold(const LamaWeights& weights);

}  // namespace inpaintd
