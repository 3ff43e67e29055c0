// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bus/connection.h"
#include "core/result.h"
#include "tools/common.h"
#include "tools/inpaint_load_options.h"
#include "tools/inpaint_load_report.h"

namespace inpaintd::tools {

/// One request and its answer before the run: is there a service, and does it take what we send? Errors: internal when
/// nobody answers, else what the service says.
Status probe(Connection& connection, const LoadOptions& options, const LoadPicture& picture);

/// Sends for warm-up and duration, waits for the last answers, and reports. Ctrl-C shortens the run. One thread sends,
/// one subscription receives; the pictures were encoded before, and framing a request costs one copy of its bytes.
Result<Report> run_load(Connection& connection, const LoadOptions& options, const std::vector<LoadPicture>& pictures,
                        const Interrupt& interrupt);

}  // namespace inpaintd::tools
