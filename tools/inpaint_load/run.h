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
#include "tools/shared/interrupt.h"

namespace inpaintd::tools {

/// Sends one request before the run, to see that there is a service and that it accepts requests of this kind. Errors:
/// internal when no service answers, else the service's error.
Status probe(Connection& connection, const LoadOptions& options, RequestMaker& requests);

/// What ends a run early.
struct RunLimits {
  std::optional<Microseconds> wait_max = std::nullopt;  ///< more than 1 % of the requests have waited for longer
};

struct RunResult {
  Report report;
  Timeline timeline;
  double last_answer_s = 0;  ///< counted from the time at which the first request was due
  bool given_up = false;     ///< the run was cut short because of RunLimits::wait_max
};

/// Sends requests for warm-up and duration, waits for the last answers, and reports. Ctrl-C and RunLimits::wait_max end
/// the run early: the open requests are cancelled then. One thread sends, one subscription receives.
Result<RunResult> run_load(Connection& connection, const LoadOptions& options,
                           const std::shared_ptr<RequestMaker>& requests, const Interrupt& interrupt,
                           const RunLimits& limits = {});

}  // namespace inpaintd::tools
