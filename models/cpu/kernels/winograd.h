// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/cpu/kernels/kernels.h"
#include "models/cpu/kernels/vec.h"

/// Winograd's F(4x4, 3x3) with the points 0, 1, -1, 2, -2, infinity (Lavin and Gray, arXiv:1509.09308): a tile of 4x4
/// outputs costs 36 products per pair of channels instead of 144.
namespace inpaintd::cpu::INPAINTD_ISA {

/// In floats. The output transform prefetches by itself, because the hardware's prefetchers do not follow 36 streams.
inline constexpr int prefetch_distance = 64;

/// The input transform B^T d in one dimension, to out[i * step] for i in 0..5.
INPAINTD_INLINE void transform_input(const Vec (&d)[6], Vec* out, int step) {
  out[0] = 4.0F * d[0] - 5.0F * d[2] + d[4];
  Vec even = d[4] - 4.0F * d[2];
  Vec odd = d[3] - 4.0F * d[1];
  out[step] = even + odd;
  out[2 * step] = even - odd;
  even = d[4] - d[2];
  odd = 2.0F * (d[3] - d[1]);
  out[3 * step] = even + odd;
  out[4 * step] = even - odd;
  out[5 * step] = 4.0F * d[1] - 5.0F * d[3] + d[5];
}

/// The output transform A^T m in one dimension, from six values to four.
INPAINTD_INLINE void transform_output(const Vec (&m)[6], Vec* out, int step) {
  const Vec sum1 = m[1] + m[2];
  const Vec dif1 = m[1] - m[2];
  const Vec sum2 = m[3] + m[4];
  const Vec dif2 = m[3] - m[4];
  out[0] = m[0] + sum1 + sum2;
  out[step] = dif1 + 2.0F * dif2;
  out[2 * step] = sum1 + 4.0F * sum2;
  out[3 * step] = dif1 + 8.0F * dif2 + m[5];
}

/// The reflected position of i in 0..length-1. Positions beyond `length` belong to no output: any pixel may take their
/// place.
INPAINTD_INLINE int reflect(int i, int length) {
  if (i < 0) return -i;
  if (i < length) return i;
  i = 2 * length - 2 - i;
  return i < 0 ? 0 : i;
}

/// Transforms one tile of 6x6 pixels; column(c) is the offset of its column c.
template <class Column>
INPAINTD_INLINE void input_tile(const float* const (&rows)[6], Column column, float* v, Stride point) {
  Vec half[36];
  for (int r = 0; r < 6; ++r) {
    Vec d[6];
#pragma GCC unroll 6
    for (int c = 0; c < 6; ++c) d[c] = load(rows[r] + column(c));
    transform_input(d, half + 6 * r, 1);
  }
  for (int c = 0; c < 6; ++c) {
    Vec d[6], out[6];
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) d[r] = half[6 * r + c];
    transform_input(d, out, 1);
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) store(v + (6 * r + c) * point, out[r]);
  }
}

inline void winograd_input(const WinogradInput& w) {
  const float* rows[6];
  for (int r = 0; r < 6; ++r) rows[r] = w.x + reflect(4 * w.tile_y - 1 + r, w.height) * w.row;
  float* v = w.v;
  for (int tile = 0; tile < w.tiles; ++tile, v += width) {
    const int x = 4 * tile - 1;
    if (x >= 0 && x + 6 <= w.width)
      input_tile(rows, [x](int c) { return static_cast<Stride>(x + c) * width; }, v, w.point);
    else
      input_tile(rows, [&](int c) { return static_cast<Stride>(reflect(x + c, w.width)) * width; }, v, w.point);
  }
}

/// Transforms 36 points to the first `rows` x `columns` pixels of a 4x4 tile.
template <bool has_add, bool has_residual>
INPAINTD_INLINE void output_tile(const WinogradOutput& w, const float* m, int tile, int rows, int columns) {
  Vec half[24];
  for (int c = 0; c < 6; ++c) {
    Vec points[6];
#pragma GCC unroll 6
    for (int r = 0; r < 6; ++r) {
      points[r] = load(m + (6 * r + c) * w.point);
      __builtin_prefetch(m + (6 * r + c) * w.point + prefetch_distance);
    }
    transform_output(points, half + c, 6);
  }
  const Vec bias = load(w.bias);
  for (int r = 0; r < rows; ++r) {
    Vec points[6], out[4];
#pragma GCC unroll 6
    for (int c = 0; c < 6; ++c) points[c] = half[6 * r + c];
    transform_output(points, out, 1);
    const Stride y = 4 * w.tile_y + r;
    const Stride x = static_cast<Stride>(4 * tile) * width;
    for (int c = 0; c < columns; ++c) {
      const Stride at = x + c * width;
      Vec v = out[c] + bias;
      if constexpr (has_add) v += load(w.add + y * w.add_row + at);
      v = relu(v);
      if constexpr (has_residual) v += load(w.residual + y * w.residual_row + at);
      store(w.y + y * w.y_row + at, v);
    }
  }
}

template <bool has_add, bool has_residual>
void output_row(const WinogradOutput& w) {
  const float* m = w.m;
  const int rows = w.height - 4 * w.tile_y < 4 ? w.height - 4 * w.tile_y : 4;
  for (int tile = 0; tile < w.tiles; ++tile, m += width) {
    const int columns = w.width - 4 * tile;
    if (columns >= 4 && rows == 4)
      output_tile<has_add, has_residual>(w, m, tile, 4, 4);
    else
      output_tile<has_add, has_residual>(w, m, tile, rows, columns < 4 ? columns : 4);
  }
}

inline void winograd_output(const WinogradOutput& w) {
  if (w.add) return w.residual ? output_row<true, true>(w) : output_row<true, false>(w);
  w.residual ? output_row<false, true>(w) : output_row<false, false>(w);
}

}  // namespace inpaintd::cpu::INPAINTD_ISA
