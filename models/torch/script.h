// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/inpainter.h"
#include "models/lama/weights.h"

namespace inpaintd {

/// Whether `path` is a TorchScript module, which can be run as it is.
bool is_script_file(const std::string& path);

/// Runs any TorchScript module as PyTorch would, frozen: forward(image [N,3,H,W] in 0..1, mask [N,1,H,W] in {0,1}) ->
/// [N,3,H,W] in 0..1; values beyond are clipped. A module may compose its result with the image. Only the device,
/// threads and precision of `options` are used: automatic and fp32 are the same, fp16 is PyTorch's autocast on CUDA.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_script_inpainter(const std::string& path,
                                                                        const EngineOptions& options);

/// The same for the module that make_script_module builds from `weights`: the stock reference in benchmarks.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_script_inpainter(LamaWeights weights,
                                                                        const EngineOptions& options);

}  // namespace inpaintd
