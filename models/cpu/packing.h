// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "models/cpu/layout.h"
#include "models/cpu/memory.h"
#include "models/cpu/pool.h"
#include "models/lama/fold.h"

namespace inpaintd::cpu {

/// Weights in the order in which the GEMM reads them: panels of two vectors of outputs, each [k][output] without gaps
/// (the last panel is one vector wide where the number of output blocks is odd). k runs over taps, then input channels.
struct PackedConv {
  const float* weights = nullptr;
  const float* bias = nullptr;  ///< padded with zeros; nullptr where the layer has none of its own
  int k_blocks = 0;
  int n_blocks = 0;
};

/// 36 matrices like PackedConv's, `point` floats apart.
struct PackedWinograd {
  const float* weights = nullptr;
  const float* bias = nullptr;
  int k_blocks = 0;
  int n_blocks = 0;
  Stride point = 0;
};

/// A kernel element, in the kernel's own coordinates.
struct Tap {
  int y = 0;
  int x = 0;
};

/// Rearranges folded weights for the kernels of one vector width, into memory of `store`.
class Packer {
 public:
  Packer(int block, Store& store, Pool& pool) : block_(block), store_(store), pool_(pool) {}

  PackedConv conv(const Convolution& c, std::span<const Tap> taps, const ChannelMap& in, const ChannelMap& out);
  /// A part of a transposed convolution, whose weight is stored [in, out, kernel_h, kernel_w].
  PackedConv transposed(const Convolution& c, std::span<const Tap> taps, const ChannelMap& in, const ChannelMap& out);
  /// 7x7 on packed 4-channel pixels: k is [7 rows][8 pixels][4], the eighth pixel's weights are zero.
  PackedConv first(const Convolution& c, const ChannelMap& out);
  /// 7x7 as 7x1 to 7 shifted columns for each output: output n is [out][kernel column]. Without bias.
  PackedConv last(const Convolution& c, const ChannelMap& in);
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
