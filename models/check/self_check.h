// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/check/accuracy.h"
#include "models/inpainter.h"

namespace inpaintd {

/// Lets `engine` and `reference` answer the sample pictures of `size`. The error says what the engine missed.
Status self_check(Inpainter& engine, Inpainter& reference, const Gate& gate, Size size);

}  // namespace inpaintd
