// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/inpaint/options.h"
#include "tools/inpaint/painter.h"

namespace inpaintd::tools {

/// Fills every picture of a folder that has no output yet, and prints what it leaves out, a progress bar and a summary
/// on stderr. The output folder must exist. Returns the exit code, which shows that something was left out or had an
/// empty mask. After the failure of one picture, whose name and error are printed, the run continues. It ends early
/// when the service does not respond, or after Ctrl-C.
int paint_folder(Painter& painter, const InpaintOptions& options);

}  // namespace inpaintd::tools
