// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/model_file.h"
#include "tools/lama_bench/options.h"

namespace inpaintd::tools {

/// A condition of a measurement besides the code, such as "threads": "2".
struct Fact {
  std::string key;
  std::string value;
};

/// The conditions of a measurement: CPU, threads, libraries, the environment variables that change their speed, and the
/// model. `peak` is that of the CPU, in operations per second.
std::vector<Fact> describe_machine(const BenchOptions& options, const Model& model, double peak);

}  // namespace inpaintd::tools
