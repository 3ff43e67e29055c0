// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/inpaint/options.h"
#include "tools/inpaint/painter.h"

namespace inpaintd::tools {

/// Fills every picture of a folder whose output is not there yet, with a progress bar and a summary on stderr; returns
/// the exit code. A picture that fails is named and passed over; a service that is gone, and Ctrl-C, end the run.
int paint_folder(Painter& painter, const InpaintOptions& options);

}  // namespace inpaintd::tools
