// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/cpu/engine.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"

namespace inpaintd {

/// Whether the project's own CPU engine is to run: where its instruction set is named, and with Isa::automatic where it
/// is the fastest engine, which takes AVX2.
bool wants_cpu_engine(Isa isa);

/// The folded network on the project's own CPU engine.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_cpu_lama(const LamaWeights& weights,
                                                                const EngineOptions& options);

/// Flops per second of `threads` (0: all cores) on fused multiply-adds with the vectors of `isa`; 0 where this CPU
/// lacks them.
double measure_cpu_peak(Isa isa, int threads);

}  // namespace inpaintd
