// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/pixels.h"
#include "models/engine_options.h"

namespace inpaintd {

/// How far two predictions are apart inside the masks, where predictions count, in levels of 255.
class LevelDifferences {
 public:
  void add(const Pixels& answer, const Pixels& exact, const Pixels& mask);

  [[nodiscard]] int max() const;
  /// The smallest number of levels that at least this share of all samples (0..1) keep within.
  [[nodiscard]] int percentile(double share) const;
  /// dB; infinite when nothing differs.
  [[nodiscard]] double psnr() const;

 private:
  std::array<std::uint64_t, 256> samples_{};  ///< by difference
};

/// What a precision owes to the fp32 network.
struct Gate {
  Precision precision = Precision::fp32;
  double psnr_min;  ///< dB in the mask
  double share;     ///< of the samples that must keep within levels_max
  int levels_max;

  [[nodiscard]] bool holds(const LevelDifferences& differences) const;
  /// "PSNR >= 48 dB, p99.9 <= 4 levels"
  [[nodiscard]] std::string text() const;
};

/// The gate of fp32, fp16 or bf16.
const Gate& gate_of(Precision precision);

}  // namespace inpaintd
