// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/report.h"
#include "tools/shared/common.h"

namespace inpaintd::tools {

/// One way of getting the same pictures filled, and how long each round took.
struct Way {
  std::string name;
  std::vector<double> seconds;
  std::map<std::size_t, std::size_t> batch_sizes;  ///< as the replies told
  std::string served_by;
  Accounting all;

  [[nodiscard]] double median_s() const;
};

struct ComparisonResult {
  std::size_t tasks = 0;
  std::string pictures;   ///< "512x512 jpeg"
  std::string machine;    ///< "2 cores, AMD EPYC"
  std::vector<Way> ways;  ///< ratios are to the first

  [[nodiscard]] bool sound() const;
};

/// Starts services of its own, `inpaintd` beside this program with batches of at most 1, 4 and 8, and lets them fill
/// the same pictures, in turn: the first gets one request at a time, each after the answer to the last; the others get
/// all at once. Errors: internal; a service that does not start says why.
Result<ComparisonResult> compare_with_serial(const LoadOptions& options, const Interrupt& interrupt);

std::string to_table(const ComparisonResult& result);
std::string to_json(const ComparisonResult& result);

}  // namespace inpaintd::tools
