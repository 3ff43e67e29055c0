// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/pixels.h"
#include "models/engine_options.h"

namespace inpaintd {

/// The distribution of the differences of two predictions inside the masks, in levels of 0..255.
class LevelDifferences {
 public:
  /// Adds the samples of one picture. All three have the same size.
  void add(const Pixels& answer, const Pixels& exact, const Pixels& mask);

  /// The largest difference in levels.
  [[nodiscard]] int max() const;
  /// The smallest number of levels within which at least this share (0..1) of all samples is.
  [[nodiscard]] int percentile(double share) const;
  /// The peak signal-to-noise ratio in dB; infinite if nothing differs.
  [[nodiscard]] double psnr() const;

 private:
  std::array<std::uint64_t, 256> samples_{};  ///< by difference
};

/// The accuracy that a precision must have in comparison with the fp32 network.
struct AccuracyGate {
  Precision precision = Precision::fp32;
  double psnr_min;  ///< dB in the mask
  double share;     ///< of the samples whose difference must be at most levels_max
  int levels_max;

  /// Whether the differences are within the gate.
  [[nodiscard]] bool holds(const LevelDifferences& differences) const;
  /// The gate as text, such as "PSNR >= 48 dB, p99.9 <= 4 levels".
  [[nodiscard]] std::string text() const;
};

/// The accuracy gate of fp32, fp16 or bf16.
const AccuracyGate& gate_of(Precision precision);

}  // namespace inpaintd
