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

/// One of the things that are compared: an engine in one precision and with one instruction set.
struct Contender {
  std::string engine;
  std::string precision;
  std::string isa;
  std::shared_ptr<Inpainter> inpainter;  ///< none when it could not be made
  std::string refusal;                   ///< why not

  /// "native", or "native avx2" where an instruction set was asked for.
  [[nodiscard]] std::string label() const;
};

/// What the options ask for, in order, without engines: every combination of the choices that an engine has.
std::vector<Contender> list_contenders(const BenchOptions& options);

/// The weights behind --model; none when only a TorchScript module is run, which need not be a LaMa. Throws
/// std::runtime_error for a file that cannot be used.
std::optional<LamaWeights> load_weights(const BenchOptions& options);

/// Makes the contender's engine, or notes the refusal.
void make_engine(Contender& contender, const BenchOptions& options, const std::optional<LamaWeights>& weights);

/// The value, or std::runtime_error with the failure's message.
template <class T>
T or_throw(Result<T, EngineFailure> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

}  // namespace inpaintd::tools
