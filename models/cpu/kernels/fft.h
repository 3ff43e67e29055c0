// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/cpu/kernels/kernels.h"
#include "models/cpu/kernels/vec.h"

/// Fourier transforms of any length, vectorised across the channels of a block: every "number" here is a Vec, so every
/// length works without shuffles. The algorithm is the self-sorting mixed-radix transform of Stockham (Temperton,
/// "Self-sorting mixed-radix fast Fourier transforms", J. Comput. Phys. 52, 1983); two real rows make one complex row.
namespace inpaintd::cpu::INPAINTD_ISA {

/// A sequence of complex pixels, `step` floats from one to the next. A transform of a line whose re and im are swapped
/// is the inverse transform.
struct Line {
  float* re;
  float* im;
  Stride step;
};

/// One complex number for each channel of a block.
struct Complex {
  Vec re;
  Vec im;
};

INPAINTD_INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
INPAINTD_INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
INPAINTD_INLINE Complex operator*(Complex a, float s) { return {a.re * s, a.im * s}; }
INPAINTD_INLINE Complex operator*(Complex a, Complex b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
INPAINTD_INLINE Complex minus_i(Complex a) { return {a.im, -a.re}; }
INPAINTD_INLINE Complex turn(Complex a, const float* w) {
  return {a.re * w[0] - a.im * w[1], a.re * w[1] + a.im * w[0]};
}
INPAINTD_INLINE Complex get(const Line& l, Stride i) { return {load(l.re + i * l.step), load(l.im + i * l.step)}; }
INPAINTD_INLINE void put(const Line& l, Stride i, Complex v) {
  store(l.re + i * l.step, v.re);
  store(l.im + i * l.step, v.im);
}

INPAINTD_INLINE void butterfly(Complex (&x)[2]) {
  const Complex d = x[0] - x[1];
  x[0] = x[0] + x[1];
  x[1] = d;
}

INPAINTD_INLINE void butterfly(Complex (&x)[3]) {
  const Complex s = x[1] + x[2];
  const Complex d = minus_i(x[1] - x[2]) * 0.866025404F;
  const Complex m = x[0] - s * 0.5F;
  x[0] = x[0] + s;
  x[1] = m + d;
  x[2] = m - d;
}

INPAINTD_INLINE void butterfly(Complex (&x)[4]) {
  const Complex a = x[0] + x[2];
  const Complex b = x[0] - x[2];
  const Complex c = x[1] + x[3];
  const Complex d = minus_i(x[1] - x[3]);
  x[0] = a + c;
  x[1] = b + d;
  x[2] = a - c;
  x[3] = b - d;
}

INPAINTD_INLINE void butterfly(Complex (&x)[5]) {
  constexpr float c1 = 0.309016994F, c2 = -0.809016994F, s1 = 0.951056516F, s2 = 0.587785252F;
  const Complex a = x[1] + x[4];
  const Complex b = x[2] + x[3];
  const Complex c = minus_i(x[1] - x[4]);
  const Complex d = minus_i(x[2] - x[3]);
  const Complex m1 = x[0] + a * c1 + b * c2;
  const Complex m2 = x[0] + a * c2 + b * c1;
  const Complex n1 = c * s1 + d * s2;
  const Complex n2 = c * s2 - d * s1;
  x[0] = x[0] + a + b;
  x[1] = m1 + n1;
  x[2] = m2 + n2;
  x[3] = m2 - n2;
  x[4] = m1 - n1;
}

/// Computes the butterflies that share the twiddles `w` (the first group has none). `from` and `to` are the first input
/// and output of the group.
template <int radix, bool first>
INPAINTD_INLINE void run_group(const FftStage& s, Line from, Line to, const float* w) {
  const Stride from_jump = static_cast<Stride>(s.before) * s.after * from.step;
  const Stride to_jump = s.before * to.step;
  Complex turns[radix];
  if constexpr (!first)
#pragma GCC unroll 5
    for (int j = 1; j < radix; ++j) turns[j] = {splat(w[2 * j - 2]), splat(w[2 * j - 1])};
  for (int q = 0; q < s.before; ++q) {
    Complex x[radix];
#pragma GCC unroll 5
    for (int j = 0; j < radix; ++j) x[j] = {load(from.re + j * from_jump), load(from.im + j * from_jump)};
    butterfly(x);
#pragma GCC unroll 5
    for (int j = 0; j < radix; ++j) {
      if (!first && j > 0) x[j] = x[j] * turns[j];
      store(to.re + j * to_jump, x[j].re);
      store(to.im + j * to_jump, x[j].im);
    }
    from.re += from.step;
    from.im += from.step;
    to.re += to.step;
    to.im += to.step;
  }
}

INPAINTD_INLINE Line advanced(const Line& l, Stride count) {
  return {l.re + count * l.step, l.im + count * l.step, l.step};
}

template <int radix>
void run_stage(const FftStage& s, const Line& in, const Line& out) {
  run_group<radix, true>(s, in, out, nullptr);
  for (int p = 1; p < s.after; ++p)
    run_group<radix, false>(s, advanced(in, static_cast<Stride>(s.before) * p),
                            advanced(out, static_cast<Stride>(s.before) * radix * p), s.twiddles + 2 * (radix - 1) * p);
}

/// Computes a stage of any odd radix, for prime factors above 5. The pairs x[j] +- x[radix - j] save three quarters of
/// the work of the definition.
inline void run_odd_stage(const FftStage& s, const Line& in, const Line& out, float* scratch) {
  const int radix = s.radix;
  const int half = radix / 2;
  const Line sum{scratch, scratch + width, 4 * width};
  const Line dif{scratch + 2 * width, scratch + 3 * width, 4 * width};
  for (int p = 0; p < s.after; ++p)
    for (int q = 0; q < s.before; ++q) {
      const Complex first = get(in, q + s.before * p);
      Complex total = first;
      for (int j = 1; j <= half; ++j) {
        const Complex a = get(in, q + s.before * (p + s.after * j));
        const Complex b = get(in, q + s.before * (p + s.after * (radix - j)));
        put(sum, j, a + b);
        put(dif, j, minus_i(a - b));
        total = total + a + b;
      }
      put(out, q + s.before * radix * p, total);
      for (int k = 1; k <= half; ++k) {
        Complex even = first;
        Complex odd{};
        for (int j = 1, t = k; j <= half; ++j, t = t + k < radix ? t + k : t + k - radix) {
          even = even + get(sum, j) * s.roots[2 * t];
          odd = odd + get(dif, j) * s.roots[2 * t + 1];
        }
        const float* w = s.twiddles + 2 * (radix - 1) * p;
        put(out, q + s.before * (radix * p + k), turn(even + odd, w + 2 * (k - 1)));
        put(out, q + s.before * (radix * p + radix - k), turn(even - odd, w + 2 * (radix - k - 1)));
      }
    }
}

inline void run_stage(const FftStage& s, const Line& in, const Line& out, float* scratch) {
  switch (s.radix) {
    case 2:
      return run_stage<2>(s, in, out);
    case 3:
      return run_stage<3>(s, in, out);
    case 4:
      return run_stage<4>(s, in, out);
    case 5:
      return run_stage<5>(s, in, out);
    default:
      return run_odd_stage(s, in, out, scratch);
  }
}

/// The forward transform of `in` to `out`, which may be the same line. `scratch` holds 6 * length + 4 pixels.
inline void transform(const Fft& fft, const Line& in, const Line& out, float* scratch) {
  const Stride half = static_cast<Stride>(fft.length) * width;
  const Line work[2] = {{scratch, scratch + half, width}, {scratch + 2 * half, scratch + 3 * half, width}};
  Line from = in;
  for (int i = 0; i < fft.stages; ++i) {
    // A single stage cannot work in place: it would read values that it has overwritten.
    const bool direct = i + 1 == fft.stages && (fft.stages > 1 || in.re != out.re);
    const Line to = direct ? out : work[i % 2];
    run_stage(fft.stage[i], from, to, scratch + 4 * half);
    from = to;
  }
  if (from.re != out.re)
    for (int i = 0; i < fft.length; ++i) put(out, i, get(from, i));
}

INPAINTD_INLINE Line swapped(const Line& l) { return {l.im, l.re, l.step}; }

inline void transform_columns(const SpectrumArgs& s, bool inverse) {
  const int columns = s.along_width->length / 2 + 1;
  for (int k = 0; k < columns; ++k) {
    const Line column{s.re + k * width, s.im + k * width, static_cast<Stride>(columns) * width};
    const Line line = inverse ? swapped(column) : column;
    transform(*s.along_height, line, line, s.scratch);
  }
}

/// rfft2: two real rows are transformed as one complex row, whose conjugate-even and conjugate-odd parts are their
/// spectra.
inline void spectrum_forward(const SpectrumArgs& s) {
  const int w = s.along_width->length;
  const int h = s.along_height->length;
  const Stride columns = w / 2 + 1;
  const Stride row = static_cast<Stride>(w) * width;
  float* const zeros = s.scratch;  // the second row for an odd last row
  const Line z{s.scratch + row, s.scratch + 2 * row, width};
  float* const work = s.scratch + 3 * row;
  for (Stride i = 0; i < row; ++i) zeros[i] = 0;
  for (int y = 0; y < h; y += 2) {
    const bool pair = y + 1 < h;
    transform(*s.along_width, {s.image + y * row, pair ? s.image + (y + 1) * row : zeros, width}, z, work);
    const Stride at = y * columns * width;
    const Line first{s.re + at, s.im + at, width};
    const Line second{s.re + at + columns * width, s.im + at + columns * width, width};
    for (int k = 0; k < columns; ++k) {
      const Complex a = get(z, k);
      const Complex b = get(z, k ? w - k : 0);
      put(first, k, Complex{a.re + b.re, a.im - b.im} * (0.5F * s.scale));
      if (pair) put(second, k, Complex{a.im + b.im, b.re - a.re} * (0.5F * s.scale));
    }
  }
  transform_columns(s, false);
}

/// irfft2 as docs/engine.md defines it: complex along the height, then complex-to-real along the width, which ignores
/// the imaginary part of column 0 and, for an even width, of column width / 2. Overwrites the spectrum.
inline void spectrum_inverse(const SpectrumArgs& s) {
  transform_columns(s, true);
  const int w = s.along_width->length;
  const int h = s.along_height->length;
  const Stride columns = w / 2 + 1;
  const Stride row = static_cast<Stride>(w) * width;
  float* const spare = s.scratch;  // the second row for an odd last row; it is not used
  const Line z{s.scratch + row, s.scratch + 2 * row, width};
  float* const work = s.scratch + 3 * row;
  for (int y = 0; y < h; y += 2) {
    const bool pair = y + 1 < h;
    const Stride at = y * columns * width;
    const Line first{s.re + at, s.im + at, width};
    const Line second{s.re + at + columns * width, s.im + at + columns * width, width};
    for (int k = 0; k < columns; ++k) {
      const Complex a = get(first, k);
      const Complex b = pair ? get(second, k) : Complex{};
      if (k == 0 || 2 * k == w) {
        put(z, k, {a.re, b.re});
        continue;
      }
      put(z, k, {a.re - b.im, a.im + b.re});
      put(z, w - k, {a.re + b.im, b.re - a.im});
    }
    const Line out{s.image + y * row, pair ? s.image + (y + 1) * row : spare, width};
    transform(*s.along_width, swapped(z), swapped(out), work);
  }
}

}  // namespace inpaintd::cpu::INPAINTD_ISA
