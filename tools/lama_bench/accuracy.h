// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/pixels.h"
#include "models/check/accuracy.h"
#include "tools/lama_bench/engines.h"

namespace inpaintd::tools {

/// The accuracy of one contender at one size and batch size.
struct Accuracy {
  std::string engine, precision;
  Size size;
  int batch = 0;
  LevelDifferences differences;
  /// The largest difference, in levels, when a picture has another position in the batch and other neighbours.
  int place = 0;
  std::string failure;  ///< the reason why the check failed; empty when it passed
};

/// Compares every contender with `oracle` at every size and batch size, and calls `report` with each result. Throws
/// std::runtime_error when the oracle fails.
void measure_accuracy(const BenchOptions& options, std::span<const Contender> contenders, Inpainter& oracle,
                      const std::function<void(const Accuracy&)>& report);

}  // namespace inpaintd::tools
