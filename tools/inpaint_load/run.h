// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "bus/connection.h"
#include "core/result.h"
#include "tools/inpaint_load/options.h"
#include "tools/inpaint_load/report.h"
#include "tools/inpaint_load/requests.h"
#include "tools/inpaint_load/timeline.h"
#include "tools/shared/common.h"

namespace inpaintd::tools {

/// One request and its answer before the run: is there a service, and does it take what we send? Errors: internal when
/// nobody answers, else what the service says.
Status probe(Connection& connection, const LoadOptions& options, RequestMaker& requests);

/// What ends a run before its time is over.
struct RunLimits {
  std::optional<Microseconds> wait_max = std::nullopt;  ///< a hundredth of the requests waiting for longer
};

struct RunResult {
  Report report;
  Timeline timeline;
  double last_answer_s = 0;  ///< since the first request was due
  bool given_up = false;     ///< answers waited beyond what the caller allowed: the run was cut short
};

/// Sends for warm-up and duration, waits for the last answers, and reports. Ctrl-C and RunLimits::wait_max end it
/// early: what waits is cancelled then. One thread sends, one subscription receives.
Result<RunResult> run_load(Connection& connection, const LoadOptions& options,
                           const std::shared_ptr<RequestMaker>& requests, const Interrupt& interrupt,
                           const RunLimits& limits = {});

}  // namespace inpaintd::tools
