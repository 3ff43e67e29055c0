// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/inpainter.h"
#include "models/model_file.h"
#include "tools/lama_bench/options.h"

namespace inpaintd::tools {

/// One of the compared variants: an engine in one precision and with one instruction set.
struct Contender {
  EngineKind engine = EngineKind::native;
  Precision precision = Precision::automatic;
  Isa isa = Isa::automatic;
  std::shared_ptr<Inpainter> inpainter;  ///< null when the engine could not be made
  std::string refusal;                   ///< the reason why it could not be made

  /// "native", or "native avx2" when the options name an instruction set.
  [[nodiscard]] std::string label() const;
};

/// The contenders of the options, in order and without inpainters: for each engine every combination of the choices
/// that it has.
std::vector<Contender> list_contenders(const BenchOptions& options);

/// The model of --model. Throws std::runtime_error for a file that cannot be used.
Model load_bench_model(const BenchOptions& options);

/// Sets the inpainter of the contender, or the refusal.
void make_engine(Contender& contender, const BenchOptions& options, const Model& model);

}  // namespace inpaintd::tools
