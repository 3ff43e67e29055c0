// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/report.h"
#include "tools/shared/interrupt.h"

namespace inpaintd::tools {

/// One of the compared ways to fill the same pictures, and its measurements.
struct Way {
  std::string name;
  std::vector<double> seconds;                     ///< duration of each round
  std::map<std::size_t, std::size_t> batch_sizes;  ///< number of pictures by the batch size that their replies state
  std::string served_by;
  Accounting all;
  std::optional<double>
      fill_error;  ///< mean difference in the holes from the pictures that were sent, in levels of 255

  /// Median of `seconds`; 0 without rounds.
  [[nodiscard]] double median_s() const;
};

struct ComparisonResult {
  std::size_t tasks = 0;  ///< pictures in each round
  std::string pictures;   ///< "512x512 jpeg"
  std::string machine;    ///< "2 cores, AMD EPYC"
  std::vector<Way> ways;  ///< ratios are relative to the first way

  /// True when every request of every way was answered exactly once with its picture.
  [[nodiscard]] bool sound() const;
};

/// Starts services (the `inpaintd` beside this program, with batches of at most 1, 4 and 8 pictures) and lets them fill
/// the same pictures in turn. The first service gets one request at a time, each after the answer to the previous one;
/// the others get all requests at once. With pictures of mixed sizes, one more service gets them stretched to 512x512,
/// which is the common way to batch them; the stretching is done before the run, so it costs that way no time. After
/// the rounds, each service fills some pictures of the last round again, and the result is compared with the pictures
/// as they were. Errors: internal, with the last log line of a service that did not start.
Result<ComparisonResult> compare_with_serial(const LoadOptions& options, const Interrupt& interrupt);

/// The result as a table for a terminal.
std::string to_table(const ComparisonResult& result);
std::string to_json(const ComparisonResult& result);

}  // namespace inpaintd::tools
