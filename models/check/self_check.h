// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/check/accuracy.h"
#include "models/inpainter.h"

namespace inpaintd {

/// Compares the predictions of `engine` and `reference` for sample pictures of `size`. Errors: the failure of an
/// engine, or the measured difference and the gate that it exceeds.
Status self_check(Inpainter& engine, Inpainter& reference, const AccuracyGate& gate, Size size);

}  // namespace inpaintd
