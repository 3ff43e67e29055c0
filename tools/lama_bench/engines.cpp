// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/engines.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/torch/script.h"
#include "tools/shared/or_throw.h"

namespace inpaintd::tools {

std::string Contender::label() const {
  return isa == Isa::automatic ? std::string(name(engine)) : fmt::format("{} {}", name(engine), name(isa));
}

std::vector<Contender> list_contenders(const BenchOptions& options) {
  std::vector<Contender> contenders;
  for (const EngineKind engine : options.engines) {
    const bool any_isa = engine == EngineKind::native && options.device == "cpu";
    const bool any_precision = engine == EngineKind::native || engine == EngineKind::script;
    const auto precisions = any_precision ? options.precisions : std::vector{Precision::automatic};
    const auto isas = any_isa ? options.isas : std::vector{Isa::automatic};
    for (const Isa isa : isas)
      for (const Precision precision : precisions) contenders.push_back({engine, precision, isa, nullptr, {}});
  }
  return contenders;
}

Model load_bench_model(const BenchOptions& options) {
  if (const auto shape = random_shape(options.model)) return random_lama_weights(*shape, options.seed);
  return or_throw(load_model(options.model));
}

void make_engine(Contender& contender, const BenchOptions& options, const Model& model) {
  const EngineOptions wanted{.engine = contender.engine,
                             .file = contender.engine == EngineKind::null ? "" : options.model,
                             .device = options.device,
                             .precision = contender.precision,
                             .threads = options.threads,
                             .isa = contender.isa,
                             .profile = options.profile};
  const bool as_it_is = contender.engine == EngineKind::script && is_script_file(options.model);
  auto made = as_it_is ? make_inpainter(wanted) : make_inpainter(wanted, model);
  if (made)
    contender.inpainter = *std::move(made);
  else
    contender.refusal = made.error().message;
}

}  // namespace inpaintd::tools
