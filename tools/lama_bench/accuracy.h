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
