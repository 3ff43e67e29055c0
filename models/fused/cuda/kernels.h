// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The project's own CUDA kernels, behind plain pointers: kernels.cu needs the CUDA runtime and nothing else. Maps are
/// [N, H, W, C] without gaps unless a stride is given. All work is put on `stream`, a cudaStream_t; all pointers are
/// the device's. models/fused/ops.h
/// describes what each kernel computes.
namespace inpaintd::cuda {

enum class Type : std::uint8_t { fp32, fp16, bf16 };

struct PackInput {
  const std::uint8_t* image;
  const std::uint8_t* mask;
  void* out;  ///< [n, height + 6, width + 6, 8]
  int n, height, width;
};

struct ReflectPad {
  const void* in;
  void* out;
  int n, height, width, channels, pad;  ///< of `in`
};

struct Join {
  const void* local;
  const void* global;
  const void* residual;             ///< or nullptr
  int local_stride, global_stride;  ///< in elements from one pixel to the next
  void *x, *padded, *padded_local;
  int n, height, width;
  int locals, globals;
};

struct JoinSpectrum {
  void* spectrum;        ///< [n, 2, points, channels]
  const void* filtered;  ///< [n, points, 2 channels]
  const void* bias;      ///< [2 channels]
  int n;
  std::int64_t points;
  int channels;
};

struct Finish {
  const void* logits;  ///< [n, height / 4, width / 4, 48]
  std::uint8_t* pictures;
  bool* finite;  ///< [n], true before the call
  int n, height, width;
};

void launch(const PackInput&, Type type, void* stream);
void launch(const ReflectPad&, Type type, void* stream);
void launch(const Join&, Type type, void* stream);
void launch(const JoinSpectrum&, Type type, void* stream);
void launch(const Finish&, Type type, void* stream);

/// The text of the error that the last launch left on this thread, or nullptr.
const char* launch_error();

}  // namespace inpaintd::cuda
