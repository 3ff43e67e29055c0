// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/cpu/kernels/fft.h"
#include "models/cpu/kernels/gemm.h"
#include "models/cpu/kernels/kernels.h"
#include "models/cpu/kernels/separable.h"
#include "models/cpu/kernels/vec.h"
#include "models/cpu/kernels/winograd.h"

/// The contents of each isa_*.cpp unit: the kernels of the headers above, the two loops below, and the table of all.
namespace inpaintd::cpu::INPAINTD_ISA {

/// Computes the end of the last layer as FinishArgs describes it.
inline void finish(const FinishArgs& f) {
  const Stride samples = 3 * static_cast<Stride>(f.columns);
#pragma GCC unroll 3  // makes the index below a constant
  for (int colour = 0; colour < 3; ++colour)
    for (int x = 0; x < f.columns; ++x) {
      float sum = f.bias[colour];
#pragma GCC unroll 7
      for (int k = 0; k < 7; ++k) {
        const int n = 7 * colour + k;
        sum += f.t[n / width * f.plane + static_cast<Stride>(x + k) * width + n % width];
      }
      f.out[3 * x + colour] = sum;
    }
  for (Stride i = samples; i < samples + width; ++i) f.out[i] = 0;
  for (Stride i = 0; i < samples; i += width) store(f.out + i, 1.0F / (1.0F + exp(-load(f.out + i))));
}

/// Runs twelve independent chains of fused multiply-adds, enough to hide their latency on every x86-64 CPU so far.
inline double fma_loop(long rounds) {
  Vec a[12];
  for (int i = 0; i < 12; ++i) a[i] = splat(static_cast<float>(i));
  const Vec b = splat(0.999F);
  const Vec c = splat(0.001F);
  for (long r = 0; r < rounds; ++r)
#pragma GCC unroll 12
    for (int i = 0; i < 12; ++i) a[i] = a[i] * b + c;
  Vec sum{};
  for (int i = 0; i < 12; ++i) sum += a[i];
  return sum[0] == 0.5F ? 0.0 : 24.0 * width * static_cast<double>(rounds);  // the use of the sum keeps the loop
}

inline constexpr Kernels table(const char* name) {
  return {name,   width,    gemm,      winograd_input, winograd_output, spectrum_forward, spectrum_inverse,
          finish, from_rgb, depthwise, halve,          double_row,      activate,         fma_loop};
}

}  // namespace inpaintd::cpu::INPAINTD_ISA
