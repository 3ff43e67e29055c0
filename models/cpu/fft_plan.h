// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/cpu/kernels/kernels.h"

namespace inpaintd::cpu {

/// The stages and constants of a transform of `length` >= 2 numbers.
class FftPlan {
 public:
  explicit FftPlan(int length);
  [[nodiscard]] const Fft& fft() const { return fft_; }
  [[nodiscard]] int length() const { return fft_.length; }

 private:
  Fft fft_;
  std::vector<std::vector<float>> constants_;  ///< what fft_ points to; moving the plan keeps it in place
};

}  // namespace inpaintd::cpu
