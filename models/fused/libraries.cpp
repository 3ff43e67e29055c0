// SPDX-License-Identifier: Apache-2.0
#include "models/fused/libraries.h"

#include <ATen/Context.h>

namespace inpaintd {
namespace {

/// Makes libraries accumulate products of 16-bit numbers in fp32. LibTorch 2.9 turned the settings' bool into an enum.
template <class Context>
void accumulate_in_fp32(Context& context) {
  if constexpr (requires { context.setAllowFP16ReductionCuBLAS(false); }) {
    context.setAllowFP16ReductionCuBLAS(false);
    if constexpr (requires { context.setAllowBF16ReductionCuBLAS(false); }) context.setAllowBF16ReductionCuBLAS(false);
  } else {
    using Option = decltype(context.allowFP16ReductionCuBLAS());
    context.setAllowFP16ReductionCuBLAS(Option::DisallowReducedPrecisionAllowSplitK);
    context.setAllowBF16ReductionCuBLAS(Option::DisallowReducedPrecisionAllowSplitK);
  }
}

}  // namespace

at::ScalarType type_of(Precision precision) {
  if (precision == Precision::fp16) return at::kHalf;
  return precision == Precision::bf16 ? at::kBFloat16 : at::kFloat;
}

void set_up_libraries() {
  at::globalContext().setAllowTF32CuDNN(false);  // it is on by default, and has 10 bits of mantissa only
  at::globalContext().setBenchmarkCuDNN(false);  // it frees cached memory at each new shape, on all GPUs
  accumulate_in_fp32(at::globalContext());
}

}  // namespace inpaintd
