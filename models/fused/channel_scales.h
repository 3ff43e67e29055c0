// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "models/lama/fold.h"

namespace inpaintd {

/// One number for each channel of every map that a FusedLama stores: the channel's largest absolute value, or the power
/// of two by which it is multiplied. A spectrum has one number for the two parts of a complex channel.
struct ChannelNumbers {
  struct Layer {
    std::vector<float> half;    ///< s = relu(conv1(x_global)) and its spectrum, global / 2
    std::vector<float> output;  ///< [local | global]
  };
  std::vector<float> first;
  std::array<std::vector<float>, 2> down;
  std::vector<float> stream;  ///< the result of the third down-sampling, to which the blocks add, [local | global]
  std::vector<Layer> layers;  ///< the second layer of a block writes to the stream: its `output` is not used
  std::array<std::vector<float>, 3> up;
};

/// Numbers for a network of this shape, all equal to `value`.
ChannelNumbers channel_numbers(const LamaShape& shape, float value);

/// Powers of two that bring maxima measured on sample pictures to at most `target`, channel by channel; a channel
/// of zeros gets the factor 1.
ChannelNumbers scales_for(const ChannelNumbers& maxima, float target);

/// The same network with every stored map multiplied by `scales`. ReLU is positively homogeneous and the Fourier
/// transform linear in each channel, so the factors go from one convolution's outputs into the next one's inputs;
/// powers of two change no mantissa. This keeps half precision in its range (6e-5 to 65504 without loss).
FoldedLama scaled(const FoldedLama& model, const ChannelNumbers& scales);

}  // namespace inpaintd
