// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/inpainter.h"
#include "models/lama/weights.h"
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

/// The weights of --model; nothing when only a TorchScript module is run, which may be another network than LaMa.
/// Throws std::runtime_error for a file that cannot be used.
std::optional<LamaWeights> load_weights(const BenchOptions& options);

/// Sets the inpainter of the contender, or the refusal.
void make_engine(Contender& contender, const BenchOptions& options, const std::optional<LamaWeights>& weights);

/// Returns the value, or throws std::runtime_error with the message of the failure.
template <class T>
T or_throw(Result<T, EngineFailure> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

}  // namespace inpaintd::tools
