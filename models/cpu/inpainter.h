// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "models/cpu/engine.h"
#include "models/inpainter.h"
#include "models/lama/weights.h"
#include "models/migan/weights.h"

namespace inpaintd {

/// Whether this instruction set selects the project's own CPU engine on this machine. Isa::automatic does if the CPU
/// has AVX2, with which this engine is the fastest.
bool wants_cpu_engine(Isa isa);

/// Makes an engine that runs the folded network on the project's own CPU engine. Errors: out_of_memory; failed, such as
/// for an instruction set that this CPU lacks.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_cpu_lama(const LamaWeights& weights,
                                                                const EngineOptions& options);
/// The same for MI-GAN.
Result<std::unique_ptr<Inpainter>, EngineFailure> make_cpu_migan(const MiganWeights& weights,
                                                                 const EngineOptions& options);

/// Measures the floating-point operations per second of `threads` threads (0: one for each core) with the vectors of
/// `isa`. 0 if the CPU lacks the instruction set.
double measure_cpu_peak(Isa isa, int threads);

}  // namespace inpaintd
