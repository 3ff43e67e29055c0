// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pixels.h"
#include "models/engine_options.h"
#include "models/lama/weights.h"

namespace CLI {
class App;
}

namespace inpaintd::tools {

/// The command line of lama-bench.
struct BenchOptions {
  std::vector<EngineKind> engines{EngineKind::native, EngineKind::script};
  std::vector<Precision> precisions{Precision::fp32};
  std::vector<Isa> isas{Isa::automatic};
  std::string model;
  std::vector<Size> sizes{{512, 512}};
  std::vector<int> batches{1};
  std::string device = "cpu";
  int threads = 0;
  int repeat = 5;  ///< 0: no timing
  std::uint32_t seed = 1;
  bool accuracy = false;
  bool memory = false;
  bool profile = false;
  int soak = 0;             ///< number of forward passes; 0: no soak
  std::string json;         ///< a file, or - for standard output; empty: no JSON
  std::string export_file;  ///< empty: no export

  void declare(CLI::App& app);
};

/// Reads "512" (a square) or "640x384" (width x height). Returns nothing for other text and for sizes that the network
/// does not support.
std::optional<Size> size_from_text(std::string_view text);

/// The shape of "random" or "random:NGF,BLOCKS"; nothing when `model` names a file. Throws std::runtime_error for
/// numbers that are out of range.
std::optional<LamaShape> random_shape(const std::string& model);

}  // namespace inpaintd::tools
