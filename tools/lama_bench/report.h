// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/lama_bench/accuracy.h"
#include "tools/lama_bench/machine.h"
#include "tools/lama_bench/measure.h"
#include "tools/lama_bench/memory.h"
#include "tools/lama_bench/table.h"

namespace inpaintd::tools {

/// All results of a run of lama-bench.
struct BenchReport {
  std::vector<Fact> facts;
  std::vector<std::string> engines;   ///< their descriptions
  double peak = 0;                    ///< operations per second of the threads of the CPU; 0 when the device is a GPU
  std::function<double(Size)> flops;  ///< of one picture by the definition of the network; 0 where it is unknown
  int threads = 0;
  std::vector<Row> rows;
  std::vector<MemoryPeak> memory;
  std::vector<Accuracy> accuracy;
  std::vector<Soak> soaks;

  /// True when every measurement succeeded, every accuracy gate passed and no memory grew.
  [[nodiscard]] bool good() const;
};

// For each kind of result a table, and the line of one result.
Table rows_table();
std::string line_of(const Row& row, const BenchReport& report);
Table memory_table();
std::string line_of(const MemoryPeak& peak);
Table accuracy_table();
std::string line_of(const Accuracy& accuracy);
Table soak_table();
std::string line_of(const Soak& soak);

/// A title and a table of the costs of one forward pass by class of layers. `peak`: operations per second of the
/// instruction set of the row.
std::string profile_text(const Row& row, double peak);

/// The report as a JSON file; NaN and infinity are null.
std::string to_json(const BenchReport& report);

}  // namespace inpaintd::tools
