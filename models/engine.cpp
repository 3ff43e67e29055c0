// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "models/lama.h"
#include "models/lama_cpu.h"
#include "models/null.h"
#include "models/script.h"

namespace inpaintd {
namespace {

EngineFailure refused(std::string message) { return {EngineFailure::Kind::failed, std::move(message)}; }

std::optional<EngineFailure> check(const EngineOptions& options) {
  if (options.engine != "native" && options.engine != "script" && options.engine != "null")
    return refused("engine \"" + options.engine + "\" is unknown; there are: native, script, null");
  if (options.precision != "auto" && options.precision != "fp32")
    return refused("precision \"" + options.precision + "\" is unknown; there are: auto, fp32");
  if (options.isa != "aten" && !isa_from_name(options.isa))
    return refused("isa \"" + options.isa + "\" is unknown; there are: auto, avx512, avx2, portable, aten");
  if (options.threads < 0) return refused("threads must be 0 (all cores) or more");
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Inpainter>, EngineFailure> make_inpainter(const EngineOptions& options, LamaWeights weights) {
  if (auto problem = check(options)) return *std::move(problem);
  if (options.engine == "null") return make_null_inpainter(options.model);
  if (options.engine == "script") return make_script_inpainter(std::move(weights), options);
  if (options.device == "cpu" && wants_cpu_engine(options.isa)) return make_cpu_lama(weights, options);
  return make_aten_lama(std::move(weights), options.device, options.threads);
}

Result<std::unique_ptr<Inpainter>, EngineFailure> make_inpainter(const EngineOptions& options) {
  if (options.engine == "script" && is_script_file(options.model))
    return check(options) ? *check(options) : make_script_inpainter(options.model, options);
  if (options.engine == "null") return make_inpainter(options, LamaWeights{});
  auto weights = load_lama_weights(options.model);
  if (!weights) return weights.error();
  return make_inpainter(options, *std::move(weights));
}

}  // namespace inpaintd
