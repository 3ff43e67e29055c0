// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/migan/weights.h"

namespace inpaintd {

/// A separable layer with the gain of its two activations folded in: 3x3 for each channel alone with zero padding,
/// leaky ReLU, [halve], 1x1, [double], [noise], leaky ReLU. Halving and doubling filter with 1 3 3 1 in each direction.
struct Separable {
  int in = 0;
  int out = 0;
  std::vector<float> depthwise;  ///< [in][3][3]
  std::vector<float> bias;       ///< [in]
  std::vector<float> pointwise;  ///< [out][in]
  std::vector<float> noise;      ///< [side][side], added to every channel, and repeated over larger maps; or empty
};

/// One resolution of the network.
struct MiganLevel {
  int side = 0;  ///< of the noise: the side of the level's maps for a picture of the trained size
  int channels = 0;
  Separable encoder[2];         ///< the first one's result is the skip; the second one halves, but for the last level
  Separable synthesis[2];       ///< the first one doubles, but for the last level, and the skip is added to its result
  std::vector<float> to_rgb;    ///< [3][channels]
  std::vector<float> rgb_bias;  ///< [3]
};

/// A MI-GAN generator as few operations: the gains of the activations are part of the weights. Activations are not
/// limited to 256, as they are in training: with trained weights they stay below 50.
struct FoldedMigan {
  MiganShape shape;
  std::vector<float> from_rgb;   ///< [channels of level 0][4], from (known - 0.5, colours in -1..1 times known)
  std::vector<float> from_bias;  ///< [channels of level 0]; a leaky ReLU follows
  std::vector<MiganLevel> levels;
};

/// The slope of the leaky ReLU for negative values, and the gain that follows it.
inline constexpr float migan_slope = 0.2F;
inline constexpr float migan_gain = 1.4142135F;

/// Throws std::bad_alloc.
FoldedMigan fold(const MiganWeights& weights);

}  // namespace inpaintd
