// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/engines.h"

#include <algorithm>
#include <utility>

#include "models/torch/script.h"

namespace inpaintd::tools {

std::string Contender::label() const { return isa == "auto" ? engine : engine + " " + isa; }

std::vector<Contender> list_contenders(const BenchOptions& options) {
  std::vector<Contender> contenders;
  for (const std::string& engine : options.engines) {
    const bool any_isa = engine == "native" && options.device == "cpu";
    const auto precisions = engine == "null" ? std::vector<std::string>{"auto"} : options.precisions;
    const auto isas = any_isa ? options.isas : std::vector<std::string>{"auto"};
    for (const std::string& isa : isas)
      for (const std::string& precision : precisions) contenders.push_back({engine, precision, isa, nullptr, {}});
  }
  return contenders;
}

std::optional<LamaWeights> load_weights(const BenchOptions& options) {
  if (const auto shape = random_shape(options.model)) return random_lama_weights(*shape, options.seed);
  auto weights = load_lama_weights(options.model);
  if (weights) return *std::move(weights);
  const bool needed = options.accuracy || !options.export_file.empty() ||
                      std::count(options.engines.begin(), options.engines.end(), "native") > 0;
  if (needed || !is_script_file(options.model)) throw std::runtime_error(weights.error().message);
  return std::nullopt;
}

void make_engine(Contender& contender, const BenchOptions& options, const std::optional<LamaWeights>& weights) {
  const EngineOptions wanted{.engine = contender.engine,
                             .model = contender.engine == "null" ? "" : options.model,
                             .device = options.device,
                             .precision = contender.precision,
                             .threads = options.threads,
                             .isa = contender.isa,
                             .profile = options.profile};
  const bool as_it_is = !weights || (contender.engine == "script" && is_script_file(options.model));
  auto made = as_it_is ? make_inpainter(wanted) : make_inpainter(wanted, *weights);
  if (made)
    contender.inpainter = *std::move(made);
  else
    contender.refusal = made.error().message;
}

}  // namespace inpaintd::tools
