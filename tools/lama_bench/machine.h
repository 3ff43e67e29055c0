// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/lama/weights.h"
#include "tools/lama_bench/options.h"

namespace inpaintd::tools {

/// What a number depends on besides the code, such as "threads": "2".
struct Fact {
  std::string key;
  std::string value;
};

/// What was measured on: CPU, threads, libraries, the settings of theirs that change their speed, the model. `peak` in
/// flops per second, of the CPU.
std::vector<Fact> describe_machine(const BenchOptions& options, const std::optional<LamaWeights>& weights, double peak);

}  // namespace inpaintd::tools
