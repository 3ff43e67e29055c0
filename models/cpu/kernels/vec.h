// SPDX-License-Identifier: Apache-2.0
#pragma once

// Vectors of floats by GCC's vector extensions, which each isa_*.cpp unit compiles to the instructions of its own
// flags. The unit defines its name as INPAINTD_ISA and its vector width in floats as INPAINTD_WIDTH.
#if !defined(INPAINTD_ISA) || !defined(INPAINTD_WIDTH)
#error "include this from an isa_*.cpp file only"
#endif

#define INPAINTD_INLINE inline __attribute__((always_inline))

namespace inpaintd::cpu::INPAINTD_ISA {

inline constexpr int width = INPAINTD_WIDTH;

using Vec [[gnu::vector_size(width * 4)]] = float;
using VecInt [[gnu::vector_size(width * 4)]] = int;
using UnalignedVec [[gnu::vector_size(width * 4), gnu::aligned(4), gnu::may_alias]] = float;

INPAINTD_INLINE Vec load(const float* p) { return *reinterpret_cast<const UnalignedVec*>(p); }
INPAINTD_INLINE void store(float* p, Vec v) { *reinterpret_cast<UnalignedVec*>(p) = v; }
INPAINTD_INLINE Vec splat(float x) { return x - Vec{}; }  // x - 0 is x, also for -0: this costs no instruction

/// NaN stays NaN.
INPAINTD_INLINE Vec relu(Vec v) { return Vec{} > v ? Vec{} : v; }

/// e^x within 2 ulp for |x| <= 87; x is clamped to this range. The polynomial is that of the Cephes library (expf).
INPAINTD_INLINE Vec exp(Vec x) {
  const Vec limit = splat(87.0F);
  x = x > limit ? limit : x;
  x = x < -limit ? -limit : x;
  // x = n ln 2 + r with |r| <= ln 2 / 2; adding 1.5 * 2^23 rounds to the nearest integer.
  const Vec magic = splat(12582912.0F);
  const Vec shifted = x * 1.44269504F + magic;
  const Vec n = shifted - magic;
  const Vec r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Vec p = splat(1.9875691500e-4F);
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const Vec e = p * r * r + r + 1.0F;
  // Add n, which the low bits of `shifted` hold, to the exponent.
  return reinterpret_cast<Vec>(reinterpret_cast<VecInt>(e) + (reinterpret_cast<VecInt>(shifted) << 23));
}

}  // namespace inpaintd::cpu::INPAINTD_ISA
