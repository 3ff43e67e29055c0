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

/// Everything that was found out.
struct BenchReport {
  std::vector<Fact> facts;
  std::vector<std::string> engines;  ///< in their own words
  double peak = 0;                   ///< flops per second of the CPU's threads; 0 when the device is another
  std::optional<LamaShape> shape;    ///< of a network whose work is known
  int threads = 0;
  std::vector<Row> rows;
  std::vector<MemoryPeak> memory;
  std::vector<Accuracy> accuracy;
  std::vector<Soak> soaks;

  /// Whether all was measured, every gate held and no memory grew.
  [[nodiscard]] bool good() const;
};

// One table for each kind of result, and the line that goes into it.
Table rows_table();
std::string line_of(const Row& row, const BenchReport& report);
Table memory_table();
std::string line_of(const MemoryPeak& peak);
Table accuracy_table();
std::string line_of(const Accuracy& accuracy);
Table soak_table();
std::string line_of(const Soak& soak);

/// Where a row's time went: a title and a table, for one forward. `peak`: flops per second of the row's instruction
/// set.
std::string profile_text(const Row& row, double peak);

std::string to_json(const BenchReport& report);

}  // namespace inpaintd::tools
