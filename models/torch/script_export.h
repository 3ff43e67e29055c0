// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"

namespace inpaintd {

/// The bytes of a TorchScript file of `weights` for any tool that runs one: forward(image, mask) as in script.h,
/// tensors under "generator.model." as in big-lama.pt.
Result<std::string, EngineFailure> export_script(const LamaWeights& weights);

}  // namespace inpaintd
