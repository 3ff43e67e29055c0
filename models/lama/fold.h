// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "models/lama/weights.h"

namespace inpaintd {

/// Which axis of a weight comes first: the outputs, [out, in, kernel_h, kernel_w], or, for a transposed convolution,
/// the inputs, [in, out, kernel_h, kernel_w].
enum class WeightOrder { out_in, in_out };

/// A convolution into which every linear operation after it is folded.
struct Convolution {
  int in = 0;
  int out = 0;
  int kernel_h = 0;
  int kernel_w = 0;
  std::vector<float> weight;  ///< in the order out_in, but for FoldedLama::up
  std::vector<float> bias;    ///< [out]
};

/// One FFC layer on one tensor x = [local | global] of `local + global` channels:
///   local'  = relu(to_local(x))
///   s       = relu(conv1(x_global)),  S = rfft2(s)
///   global' = relu(local_to_global(x_local) + conv2(irfft2(S + relu(spectral(S)))))
struct FoldedFfc {
  Convolution to_local;         ///< 3x3, local + global -> local: l2l and g2l merged, bn_l folded
  Convolution local_to_global;  ///< 3x3, local -> global, bn_g folded; its bias is the whole shift of bn_g
  Convolution conv1;            ///< 1x1, global -> global / 2
  Convolution spectral;         ///< 1x1 on interleaved (re, im), global -> global
  Convolution conv2;            ///< 1x1, global / 2 -> global, bn_g's scale folded; zero bias
};

/// A LaMa generator of any size as few, large operations: the same function as the trained tensors (docs/engine.md).
struct FoldedLama {
  LamaShape shape;
  Convolution first;                ///< 7x7, 4 -> ngf, reflect pad 3
  std::array<Convolution, 3> down;  ///< 3x3 stride 2, reflect pad 1; the last one makes [local | global]
  std::vector<FoldedFfc> layers;    ///< two per block; the block's input is added after the second, without ReLU
  std::array<Convolution, 3> up;    ///< transposed 3x3 stride 2 pad 1 output pad 1, weights in the order in_out
  Convolution last;                 ///< 7x7, ngf -> 3, reflect pad 3; a sigmoid follows
};

/// Folds every batch normalisation (eps 1e-5, in float64) and merges convolutions whose results are added. The result
/// is exact up to fp32 rounding. Throws std::bad_alloc.
FoldedLama fold(const LamaWeights& weights);

}  // namespace inpaintd
