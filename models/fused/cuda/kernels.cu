// SPDX-License-Identifier: Apache-2.0
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "core/network_input.h"
#include "models/fused/cuda/kernels.h"

namespace inpaintd::cuda {
namespace {

constexpr int threads_per_block = 256;
constexpr int blocks_max = 1 << 16;

/// Consecutive channels that one thread moves at once: 16 bytes if the channel counts allow it, else one element.
template <class T, int count>
struct alignas(sizeof(T) * count) Pack {
  T values[count];
};

template <class T>
constexpr int wide = 16 / static_cast<int>(sizeof(T));

/// Every thread's share of 0..total-1.
template <class Body>
__device__ void for_each(std::int64_t total, const Body& body) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < total; i += step) body(i);
}

__device__ int mirrored(int i, int length) {
  if (i < 0) i = -i;
  return i < length ? i : 2 * length - 2 - i;
}

/// NaN stays NaN.
__device__ float relu(float v) { return v < 0 ? 0.0F : v; }

/// A pixel of a padded map, and the pixel of the map that it repeats.
struct Padded {
  int n, y, x;
  bool inside;
  __device__ Padded(std::int64_t pixel, int height, int width, int pad) {
    const int rows = height + 2 * pad, columns = width + 2 * pad;
    const int row = static_cast<int>(pixel / columns % rows) - pad, column = static_cast<int>(pixel % columns) - pad;
    n = static_cast<int>(pixel / columns / rows);
    y = mirrored(row, height);
    x = mirrored(column, width);
    inside = row >= 0 && row < height && column >= 0 && column < width;
  }
};

template <class T>
__global__ void pack_input(PackInput a) {
  const std::int64_t pixels = static_cast<std::int64_t>(a.n) * (a.height + 6) * (a.width + 6);
  for_each(pixels, [&](std::int64_t i) {
    const Padded p(i, a.height, a.width, 3);
    const std::int64_t at = (static_cast<std::int64_t>(p.n) * a.height + p.y) * a.width + p.x;
    const bool hole = a.mask[at] > hole_above;
    Pack<T, 8> out;
    for (int c = 0; c < 8; ++c) out.values[c] = T(0.0F);
    if (hole)
      out.values[3] = T(1.0F);
    else
      for (int c = 0; c < 3; ++c) out.values[c] = T(static_cast<float>(a.image[3 * at + c]) / 255.0F);
    static_cast<Pack<T, 8>*>(a.out)[i] = out;
  });
}

template <class T, int count>
__global__ void reflect_pad(ReflectPad a) {
  using P = Pack<T, count>;
  const int packs = a.channels / count;
  const std::int64_t pixels = static_cast<std::int64_t>(a.n) * (a.height + 2 * a.pad) * (a.width + 2 * a.pad);
  for_each(pixels * packs, [&](std::int64_t i) {
    const Padded p(i / packs, a.height, a.width, a.pad);
    const std::int64_t from = (static_cast<std::int64_t>(p.n) * a.height + p.y) * a.width + p.x;
    static_cast<P*>(a.out)[i] = static_cast<const P*>(a.in)[from * packs + i % packs];
  });
}

template <class T, int count>
__global__ void join(Join a) {
  using P = Pack<T, count>;
  const int locals = a.locals / count, packs = locals + a.globals / count;
  const std::int64_t pixels = static_cast<std::int64_t>(a.n) * (a.height + 2) * (a.width + 2);
  for_each(pixels * packs, [&](std::int64_t i) {
    const std::int64_t pixel = i / packs;
    const int pack = static_cast<int>(i % packs);
    const Padded p(pixel, a.height, a.width, 1);
    const std::int64_t from = (static_cast<std::int64_t>(p.n) * a.height + p.y) * a.width + p.x;
    const bool is_local = pack < locals;
    P v = is_local ? static_cast<const P*>(a.local)[from * (a.local_stride / count) + pack]
                   : static_cast<const P*>(a.global)[from * (a.global_stride / count) + pack - locals];
    if (!is_local)
      for (T& each : v.values) each = T(relu(static_cast<float>(each)));
    if (a.residual) {
      const P r = static_cast<const P*>(a.residual)[from * packs + pack];
      for (int c = 0; c < count; ++c)
        v.values[c] = T(static_cast<float>(v.values[c]) + static_cast<float>(r.values[c]));
    }
    static_cast<P*>(a.padded)[i] = v;
    if (is_local) static_cast<P*>(a.padded_local)[pixel * locals + pack] = v;
    if (p.inside) static_cast<P*>(a.x)[from * packs + pack] = v;
  });
}

template <class T, int count>
__global__ void join_spectrum(JoinSpectrum a) {
  using P = Pack<T, count>;
  const int packs = a.channels / count;
  for_each(2 * a.n * a.points * packs, [&](std::int64_t i) {
    const int pack = static_cast<int>(i % packs);
    const std::int64_t point = i / packs % a.points;
    const int part = static_cast<int>(i / packs / a.points % 2);
    const std::int64_t n = i / packs / a.points / 2;
    const P f = static_cast<const P*>(a.filtered)[((n * a.points + point) * 2 + part) * packs + pack];
    const P b = static_cast<const P*>(a.bias)[part * packs + pack];
    P v = static_cast<P*>(a.spectrum)[i];
    for (int c = 0; c < count; ++c)
      v.values[c] =
          T(static_cast<float>(v.values[c]) + relu(static_cast<float>(f.values[c]) + static_cast<float>(b.values[c])));
    static_cast<P*>(a.spectrum)[i] = v;
  });
}

/// Each thread computes one row of four pixels of a 4x4 cell.
template <class T>
__global__ void finish(Finish a) {
  const int rows = a.height / 4, columns = a.width / 4;
  for_each(static_cast<std::int64_t>(a.n) * rows * columns * 4, [&](std::int64_t i) {
    const std::int64_t cell = i / 4;
    const int in_cell = static_cast<int>(i % 4);
    const int y = static_cast<int>(cell / columns % rows) * 4 + in_cell, x = static_cast<int>(cell % columns) * 4;
    const std::int64_t n = cell / columns / rows;
    const T* logits = static_cast<const T*>(a.logits) + cell * 48 + in_cell * 4;
    std::uint8_t* out = a.pictures + ((n * a.height + y) * a.width + x) * 3;
    for (int c = 0; c < 3; ++c)
      for (int pixel = 0; pixel < 4; ++pixel) {
        const float logit = static_cast<float>(logits[16 * c + pixel]);
        if (!isfinite(logit)) a.finite[n] = false;  // every thread that writes writes the same value
        out[3 * pixel + c] = static_cast<std::uint8_t>(255.0F / (1.0F + expf(-logit)));
      }
  });
}

unsigned blocks(std::int64_t threads) {
  const std::int64_t wanted = (threads + threads_per_block - 1) / threads_per_block;
  return static_cast<unsigned>(wanted < blocks_max ? wanted : blocks_max);
}

template <class Body>
void with_type(Type type, const Body& body) {
  if (type == Type::fp16) return body(__half{});
  if (type == Type::bf16) return body(__nv_bfloat16{});
  body(float{});
}

#ifndef INPAINTD_LAUNCH  // tests define another one, which needs no GPU
#define INPAINTD_LAUNCH(kernel, total, stream, argument) \
  kernel<<<blocks(total), threads_per_block, 0, static_cast<cudaStream_t>(stream)>>>(argument)
#endif

}  // namespace

void launch(const PackInput& a, Type type, void* stream) {
  const std::int64_t pixels = static_cast<std::int64_t>(a.n) * (a.height + 6) * (a.width + 6);
  with_type(type, [&](auto t) { INPAINTD_LAUNCH(pack_input<decltype(t)>, pixels, stream, a); });
}

void launch(const ReflectPad& a, Type type, void* stream) {
  const std::int64_t all = static_cast<std::int64_t>(a.n) * (a.height + 2 * a.pad) * (a.width + 2 * a.pad) * a.channels;
  with_type(type, [&](auto t) {
    using T = decltype(t);
    if (a.channels % wide<T> == 0)
      INPAINTD_LAUNCH((reflect_pad<T, wide<T>>), all / wide<T>, stream, a);
    else
      INPAINTD_LAUNCH((reflect_pad<T, 1>), all, stream, a);
  });
}

void launch(const Join& a, Type type, void* stream) {
  const std::int64_t all = static_cast<std::int64_t>(a.n) * (a.height + 2) * (a.width + 2) * (a.locals + a.globals);
  with_type(type, [&](auto t) {
    using T = decltype(t);
    if (a.locals % wide<T> == 0 && a.globals % wide<T> == 0)
      INPAINTD_LAUNCH((join<T, wide<T>>), all / wide<T>, stream, a);
    else
      INPAINTD_LAUNCH((join<T, 1>), all, stream, a);
  });
}

void launch(const JoinSpectrum& a, Type type, void* stream) {
  const std::int64_t all = 2 * a.n * a.points * a.channels;
  with_type(type, [&](auto t) {
    using T = decltype(t);
    if (a.channels % wide<T> == 0)
      INPAINTD_LAUNCH((join_spectrum<T, wide<T>>), all / wide<T>, stream, a);
    else
      INPAINTD_LAUNCH((join_spectrum<T, 1>), all, stream, a);
  });
}

void launch(const Finish& a, Type type, void* stream) {
  const std::int64_t rows = static_cast<std::int64_t>(a.n) * a.height * (a.width / 4);
  with_type(type, [&](auto t) { INPAINTD_LAUNCH(finish<decltype(t)>, rows, stream, a); });
}

const char* launch_error() {
  const cudaError_t error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

}  // namespace inpaintd::cuda
