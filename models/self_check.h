// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/inpainter.h"

namespace inpaintd {

/// How far an engine's answers may be from the reference's inside the holes, before composing.
struct AccuracyGate {
  double psnr_min = 0;  ///< dB, inside the holes
  double quantile = 1;  ///< of all samples inside the holes ...
  int levels_max = 0;   ///< ... this share differs by no more 8-bit levels
};

/// The gate of a precision: "fp32", "fp16" or "bf16".
AccuracyGate accuracy_gate(const std::string& precision);

struct Accuracy {
  double psnr = 0;              ///< dB inside the holes; infinite when all bytes there are the same
  int largest_difference = 0;   ///< 8-bit levels, inside the holes
  int quantile_difference = 0;  ///< at the gate's quantile
  [[nodiscard]] bool passes(const AccuracyGate& gate) const {
    return psnr >= gate.psnr_min && quantile_difference <= gate.levels_max;
  }
};

/// Compares answers to the same inputs, hole by hole.
Accuracy compare(std::span<const NetworkInput> inputs, std::span<const Pixels> answers, std::span<const Pixels> exact,
                 const AccuracyGate& gate);

/// Lets `engine` and `reference` answer the sample pictures of `size`. The error says what the engine missed.
Status self_check(Inpainter& engine, Inpainter& reference, const AccuracyGate& gate, Size size);

}  // namespace inpaintd
