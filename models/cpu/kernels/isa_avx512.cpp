// SPDX-License-Identifier: Apache-2.0
// The kernels for AVX-512 F, DQ and VL. CMakeLists.txt sets this file's flags.
#define INPAINTD_ISA avx512
#define INPAINTD_WIDTH 16
#include "models/cpu/kernels/isa_impl.h"

namespace inpaintd::cpu {

const Kernels& avx512_kernels() {
  static constexpr Kernels kernels = avx512::table("avx512");
  return kernels;
}

}  // namespace inpaintd::cpu
