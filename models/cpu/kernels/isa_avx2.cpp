// SPDX-License-Identifier: Apache-2.0
// The kernels for AVX2 and FMA. CMakeLists.txt sets this file's flags.
#define INPAINTD_ISA avx2
#define INPAINTD_WIDTH 8
#include "models/cpu/kernels/isa_impl.h"

namespace inpaintd::cpu {

const Kernels& avx2_kernels() {
  static constexpr Kernels kernels = avx2::table("avx2");
  return kernels;
}

}  // namespace inpaintd::cpu
