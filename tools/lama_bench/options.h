// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pixels.h"
#include "models/lama/weights.h"

namespace CLI {
class App;
}

namespace inpaintd::tools {

/// What lama-bench is asked to do.
struct BenchOptions {
  std::vector<std::string> engines{"native", "script"};
  std::vector<std::string> precisions{"fp32"};
  std::vector<std::string> isas{"auto"};
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
  int soak = 0;             ///< forwards; 0: none
  std::string json;         ///< a file, or - for standard output; empty: none
  std::string export_file;  ///< empty: none

  void declare(CLI::App& app);
};

/// "512" is a square, "640x384" is width x height; nothing for what no engine could run.
std::optional<Size> size_from_text(std::string_view text);
std::string size_text(Size size);

/// The shape that "random" or "random:NGF,BLOCKS" stands for; nothing when `model` names a file. Throws
/// std::runtime_error for a shape that makes no sense.
std::optional<LamaShape> random_shape(const std::string& model);

}  // namespace inpaintd::tools
