// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/pixels.h"
#include "tools/lama_bench_engines.h"

namespace inpaintd::tools {

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
  std::string_view precision;
  double psnr_min;  ///< dB in the mask
  double share;     ///< of the samples that must keep within levels_max
  int levels_max;

  [[nodiscard]] bool holds(const LevelDifferences& differences) const;
  /// "PSNR >= 48 dB, p99.9 <= 4 levels"
  [[nodiscard]] std::string text() const;
};

/// Nothing for a precision that has none.
std::optional<Gate> gate_of(std::string_view precision);

/// One contender's answers at one size and batch.
struct Accuracy {
  std::string engine, precision;
  Size size;
  int batch = 0;
  LevelDifferences differences;
  /// Levels by which an answer changes when the picture has another place in the batch and other neighbours.
  int place = 0;
  std::string failure;  ///< why it did not pass; empty when it did
};

/// Compares every contender with `oracle` at every size and batch, and tells `report` of each as it is known. Throws
/// std::runtime_error when the oracle fails.
void measure_accuracy(const BenchOptions& options, std::span<const Contender> contenders, Inpainter& oracle,
                      const std::function<void(const Accuracy&)>& report);

}  // namespace inpaintd::tools
