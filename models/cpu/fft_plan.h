// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/cpu/kernels/kernels.h"

namespace inpaintd::cpu {

/// The stages and constants of the Fourier transform of one length, for kernels/fft.h.
class FftPlan {
 public:
  /// `length` >= 2.
  explicit FftPlan(int length);
  [[nodiscard]] const Fft& fft() const { return fft_; }
  [[nodiscard]] int length() const { return fft_.length; }

 private:
  Fft fft_;
  std::vector<std::vector<float>> constants_;  ///< the memory that fft_ points to; a move of the plan does not move it
};

}  // namespace inpaintd::cpu
