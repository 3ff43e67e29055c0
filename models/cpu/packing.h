// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "models/cpu/layout.h"
#include "models/cpu/memory.h"
#include "models/cpu/pool.h"
#include "models/lama/fold.h"

namespace inpaintd::cpu {

/// Weights in the order in which the matrix product (kernels/gemm.h) reads them: panels of two vectors of outputs, each
/// [k][output] without gaps. The last panel is one vector wide if the number of output blocks is odd. k runs over the
/// taps of the convolution, and within a tap over the input channels.
struct PackedConv {
  const float* weights = nullptr;
  const float* bias = nullptr;  ///< padded with zeros; nullptr if the layer has no bias of its own
  int k_blocks = 0;
  int n_blocks = 0;
};

/// The weights of a 3x3 convolution for kernels/winograd.h: 36 matrices like PackedConv's, `point` floats apart.
struct PackedWinograd {
  const float* weights = nullptr;
  const float* bias = nullptr;
  int k_blocks = 0;
  int n_blocks = 0;
  Stride point = 0;
};

/// An element of a convolution's kernel. The coordinates are either those of the weight or relative to the input pixel.
struct Tap {
  int y = 0;
  int x = 0;
};

/// Rearranges folded weights for the kernels of one vector width, into memory of `store`. Every function throws
/// std::bad_alloc.
class Packer {
 public:
  /// `block` is the vector width in floats.
  Packer(int block, Store& store, Pool& pool) : block_(block), store_(store), pool_(pool) {}

  /// Packs the given taps of a convolution whose weights have the given order.
  PackedConv conv(const Convolution& c, std::span<const Tap> taps, const ChannelMap& in, const ChannelMap& out,
                  WeightOrder order = WeightOrder::out_in);
  /// Packs the first layer, 7x7 on packed 4-channel pixels: k is [7 rows][8 pixels][4], and the weights of the eighth
  /// pixel are zero.
  PackedConv first(const Convolution& c, const ChannelMap& out);
  /// Packs the last layer, 7x7, as a 7x1 convolution to 7 shifted columns for each output: output n is [out][kernel
  /// column]. The result has no bias.
  PackedConv last(const Convolution& c, const ChannelMap& in);
  /// Packs a 3x3 convolution of stride 1 as 36 matrices.
  PackedWinograd winograd(const Convolution& c, const ChannelMap& in, const ChannelMap& out);

 private:
  template <class Value>
  PackedConv pack(int k_size, const ChannelMap& out, const Value& value);
  const float* bias(const Convolution& c, const ChannelMap& out);

  int block_;
  Store& store_;
  Pool& pool_;
};

}  // namespace inpaintd::cpu
