// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/cpu/kernels/kernels.h"
#include "models/cpu/kernels/vec.h"

/// The layers of MI-GAN around its 1x1 convolutions, each for one row of one channel block.
namespace inpaintd::cpu::INPAINTD_ISA {

/// NaN stays NaN.
INPAINTD_INLINE Vec leaky_relu(Vec v) {
  const Vec small = v * 0.2F;
  return v > small ? v : small;
}

inline void from_rgb(const FromRgbArgs& g) {
  const Vec bias = load(g.bias);
  const Vec w[4] = {load(g.weights), load(g.weights + width), load(g.weights + 2 * width), load(g.weights + 3 * width)};
  for (int x = 0; x < g.columns; ++x) {
    const float* in = g.in + 4 * x;
    store(g.out + static_cast<Stride>(x) * width,
          leaky_relu(bias + w[0] * in[0] + w[1] * in[1] + w[2] * in[2] + w[3] * in[3]));
  }
}

inline void depthwise(const DepthwiseArgs& g) {
  const Vec bias = load(g.bias);
  Vec w[9];
#pragma GCC unroll 9
  for (int i = 0; i < 9; ++i) w[i] = load(g.weights + i * width);
  for (Stride at = 0; at < static_cast<Stride>(g.columns) * width; at += width) {
    Vec sum = bias;
#pragma GCC unroll 3
    for (int y = 0; y < 3; ++y)
#pragma GCC unroll 3
      for (int x = 0; x < 3; ++x) sum += w[3 * y + x] * load(g.x[y] + at + (x - 1) * width);
    store(g.out + at, leaky_relu(sum));
  }
}

inline void halve(const HalveArgs& g) {
  const auto column = [&g](Stride at) {
    return (load(g.x[0] + at) + load(g.x[3] + at)) * (1 / 64.0F) +
           (load(g.x[1] + at) + load(g.x[2] + at)) * (3 / 64.0F);
  };
  Vec before = column(-width), first = column(0);
  for (int x = 0; x < g.columns; ++x) {
    const Stride at = 2 * static_cast<Stride>(x) * width;
    const Vec second = column(at + width), after = column(at + 2 * width);
    store(g.out + static_cast<Stride>(x) * width, before + after + (first + second) * 3.0F);
    before = second;
    first = after;
  }
}

template <bool activates>
inline void double_row_as(const DoubleArgs& g) {
  const auto column = [&g](Stride at) { return load(g.near + at) * 0.75F + load(g.far + at) * 0.25F; };
  const auto finish = [&g](Vec v, int x) {
    if (g.noise) v += g.noise[x];
    if (activates) v = leaky_relu(v);
    if (g.add) v += load(g.add + static_cast<Stride>(x) * width);
    store(g.out + static_cast<Stride>(x) * width, v);
  };
  Vec before = column(-width), here = column(0);
  for (int x = 0; x < g.columns; ++x) {
    const Vec after = column(static_cast<Stride>(x + 1) * width);
    finish(here * 0.75F + before * 0.25F, 2 * x);
    finish(here * 0.75F + after * 0.25F, 2 * x + 1);
    before = here;
    here = after;
  }
}

inline void double_row(const DoubleArgs& g) { g.activates ? double_row_as<true>(g) : double_row_as<false>(g); }

inline void activate(const ActivateArgs& g) {
  for (int x = 0; x < g.columns; ++x) {
    float* at = g.x + static_cast<Stride>(x) * width;
    Vec v = load(at);
    if (g.noise) v += g.noise[x];
    v = leaky_relu(v);
    if (g.add) v += load(g.add + static_cast<Stride>(x) * width);
    store(at, v);
  }
}

}  // namespace inpaintd::cpu::INPAINTD_ISA
