// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/cpu/kernels/kernels.h"
#include "models/cpu/kernels/vec.h"

/// The matrix product behind every convolution of the engine. Its structure is that of Goto and van de Geijn ("Anatomy
/// of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008): panels of packed weights, a cut of the inputs
/// that keeps a panel in L1, and a micro-kernel that holds a tile of outputs in registers. A table of offsets
/// (GemmArgs::k_offset) takes the place of a packed left matrix, so that convolutions need no im2col.
namespace inpaintd::cpu::INPAINTD_ISA {

/// Pixels that one call of the micro-kernel computes, for `panels` vectors of outputs: the accumulators fill the
/// register file (16 registers with AVX2, 32 with AVX-512), except for the weights and one broadcast activation.
template <int panels>
inline constexpr int tile_pixels = width == 16 ? 12 : 12 / panels;

/// Blocks of inputs in one pass over the pixels: a panel of 256 x 2 vectors of weights stays in L1 beside the
/// activations.
inline constexpr int k_blocks_per_pass = 256 / width;

/// A range of the inputs k for one panel of outputs: the arguments that all tiles of one pass share.
struct Slice {
  const GemmArgs* args;
  const float* b;
  int k_begin;
  int k_end;
  int n_block;
};

/// The weights of the next slice, prefetched a few cache lines with each tile; `step` is in bytes.
struct Prefetch {
  const char* next;
  const char* end;
  Stride step;
};

INPAINTD_INLINE void advance(Prefetch& ahead) {
  const char* stop = ahead.next + ahead.step;
  if (stop > ahead.end) stop = ahead.end;
  for (; ahead.next < stop; ahead.next += 64) __builtin_prefetch(ahead.next, 0, 2);
}

/// Prefetches the memory that finish_tile will read or write, a whole tile's work ahead of time.
template <int pixels, int panels>
INPAINTD_INLINE void prefetch_tile(const Slice& s, const float* c) {
  const GemmArgs& g = *s.args;
  for (int j = 0; j < panels; ++j)
    for (int i = 0; i < pixels; i += 16 / width) {
      const Stride at = j * g.c_plane + i * g.c_pixel;
      __builtin_prefetch(c + at, 1);
      if (g.add) __builtin_prefetch(g.add + (c - g.c) + at);
    }
}

/// Adds the sums of a tile to the output; the last slice also applies the epilogue of GemmArgs.
template <int pixels, int panels>
INPAINTD_INLINE void finish_tile(const Slice& s, Vec (&sum)[pixels][panels], float* c) {
  const GemmArgs& g = *s.args;
  const bool last = s.k_end == g.k_blocks;
  if (s.k_begin > 0 || g.accumulate) {
#pragma GCC unroll 24
    for (int i = 0; i < pixels; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < panels; ++j) sum[i][j] += load(c + j * g.c_plane + i * g.c_pixel);
  }
  if (last && g.bias) {
#pragma GCC unroll 2
    for (int j = 0; j < panels; ++j) {
      const Vec bias = load(g.bias + (s.n_block + j) * width) * g.bias_scale;
#pragma GCC unroll 24
      for (int i = 0; i < pixels; ++i) {
        Vec v = sum[i][j] + bias;
        if (g.relu) v = relu(v);
        if (g.add) v += load(g.add + (c - g.c) + j * g.c_plane + i * g.c_pixel);
        store(c + j * g.c_plane + i * g.c_pixel, v);
      }
    }
    return;
  }
#pragma GCC unroll 24
  for (int i = 0; i < pixels; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < panels; ++j) store(c + j * g.c_plane + i * g.c_pixel, sum[i][j]);
}

/// The micro-kernel: `pixels` x `panels` vectors of outputs, to which each step adds one broadcast activation times one
/// vector of weights. `pitch` is the distance of two pixels in floats.
template <int pixels, int panels, int pitch>
void micro_kernel(const Slice& s, const float* a, float* c) {
  const GemmArgs& g = *s.args;
  prefetch_tile<pixels, panels>(s, c);
  Vec sum[pixels][panels] = {};
  const float* b = s.b;
  for (int k = s.k_begin; k < s.k_end; ++k) {
    const float* x = a + g.k_offset[k];
    // Prefetch the next tile's activations: they come from dozens of planes, more streams than the hardware's
    // prefetchers follow.
#pragma GCC unroll 8
    for (int line = 0; line < (pixels * pitch + 15) / 16; ++line) __builtin_prefetch(x + pixels * pitch + 16 * line);
#pragma GCC unroll 4
    for (int channel = 0; channel < width; ++channel) {
      Vec w[panels];
#pragma GCC unroll 2
      for (int j = 0; j < panels; ++j) w[j] = load(b + j * width);
      b += panels * width;
#pragma GCC unroll 24
      for (int i = 0; i < pixels; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < panels; ++j) sum[i][j] += w[j] * x[i * pitch + channel];
    }
  }
  finish_tile<pixels, panels>(s, sum, c);
}

/// Computes the rest of a row, `left` < tile_pixels pixels.
template <int pixels, int panels, int pitch>
void remainder_kernel(const Slice& s, const float* a, float* c, int left) {
  if constexpr (pixels > 0) {
    if (left == pixels) return micro_kernel<pixels, panels, pitch>(s, a, c);
    remainder_kernel<pixels - 1, panels, pitch>(s, a, c, left);
  }
}

template <int panels, int pitch>
void run_slice(const Slice& s, Prefetch ahead) {
  constexpr int tile = tile_pixels<panels>;
  const GemmArgs& g = *s.args;
  for (int row = 0; row < g.rows; ++row) {
    const float* a = g.a + row * g.a_row;
    float* c = g.c + row * g.c_row + s.n_block * g.c_plane;
    int left = g.columns;
    for (; left >= tile; left -= tile) {
      advance(ahead);
      micro_kernel<tile, panels, pitch>(s, a, c);
      a += tile * pitch;
      c += tile * g.c_pixel;
    }
    remainder_kernel<tile - 1, panels, pitch>(s, a, c, left);
  }
}

template <int pitch>
void gemm_with_pitch(const GemmArgs& g) {
  const Stride panel_rows = static_cast<Stride>(g.b_blocks) * width;
  const Stride tiles = static_cast<Stride>(g.rows) * (g.columns / tile_pixels<2> + 1);
  for (int n = 0; n < g.n_blocks; n += 2) {
    const int panels = g.n_blocks - n >= 2 ? 2 : 1;
    const Stride k_step = static_cast<Stride>(panels) * width * width;
    const float* panel = g.b + n * width * panel_rows + g.b_begin * k_step;
    for (int k = 0; k < g.k_blocks; k += k_blocks_per_pass) {
      const int k_end = k + k_blocks_per_pass < g.k_blocks ? k + k_blocks_per_pass : g.k_blocks;
      const float* next = k_end < g.k_blocks ? panel + k_end * k_step : panel + panels * width * panel_rows;
      const Stride bytes = n + 2 < g.n_blocks || k_end < g.k_blocks ? (k_end - k) * k_step * 4 : 0;
      const char* ahead = reinterpret_cast<const char*>(next);
      const Prefetch prefetch{ahead, ahead + bytes, (bytes / tiles + 63) / 64 * 64};
      const Slice slice{&g, panel + k * k_step, k, k_end, n};
      panels == 2 ? run_slice<2, pitch>(slice, prefetch) : run_slice<1, pitch>(slice, prefetch);
    }
  }
}

/// Computes a product as GemmArgs describes it.
inline void gemm(const GemmArgs& g) {
  if (g.a_pixel == width) return gemm_with_pitch<width>(g);
  if (g.a_pixel == 2 * width) return gemm_with_pitch<2 * width>(g);
  gemm_with_pitch<4>(g);
}

}  // namespace inpaintd::cpu::INPAINTD_ISA
