// SPDX-License-Identifier: Apache-2.0
// The kernels for the target of the build, in vectors of AVX-512's width: slow, but they run everywhere and have the
// same layout as AVX-512's. CMakeLists.txt sets this file's flags.
#define INPAINTD_ISA portable
#define INPAINTD_WIDTH 16
#include "models/cpu/kernels/isa_impl.h"

namespace inpaintd::cpu {

const Kernels& portable_kernels() {
  static constexpr Kernels kernels = portable::table("portable");
  return kernels;
}

}  // namespace inpaintd::cpu
