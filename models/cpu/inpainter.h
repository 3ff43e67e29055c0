// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/cpu/engine.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"

namespace inpaintd {

/// Whether EngineOptions::isa means the project's own CPU engine on this machine: "auto" does where it is the fastest,
/// which takes AVX2.
bool wants_cpu_engine(const std::string& isa);

/// The folded network on the project's own CPU engine.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_cpu_lama(const LamaWeights& weights,
                                                                const EngineOptions& options);

/// Flops per second of `threads` (0: all cores) on fused multiply-adds with EngineOptions::isa's vectors, "aten" with
/// the widest that this CPU has. 0 where it lacks them.
double measure_cpu_peak(const std::string& isa, int threads);

}  // namespace inpaintd
