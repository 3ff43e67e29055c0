// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <type_traits>
#include <utility>
#include <variant>

#include "models/check/self_check.h"
#include "models/cpu/inpainter.h"
#include "models/fused/inpainter.h"
#include "models/model_file.h"
#include "models/null/inpainter.h"
#include "models/reference/inpainter.h"
#include "models/torch/script.h"

namespace inpaintd {
namespace {

using Made = Result<std::unique_ptr<Inpainter>, EngineFailure>;

/// Small, and not square; for LaMa one side is an odd multiple of 8.
Size check_size(const LamaWeights& /*weights*/) { return {96, 72}; }
Size check_size(const MiganWeights& weights) {
  const int side = std::max(network_side_min, traits_of(weights).side_multiple);
  return {2 * side, side};
}

EngineFailure refused(std::string message) { return {EngineFailure::Kind::failed, std::move(message)}; }

std::optional<EngineFailure> check(const EngineOptions& o) {
  if (o.threads < 0)
    return refused(fmt::format("the number of threads is {}; use 0 for all cores, or a larger number", o.threads));
  if (o.device == "cpu" && o.precision == Precision::fp16)
    return refused("precision \"fp16\" needs a CUDA device; a CPU has fp32 and bf16");
  if (o.engine == EngineKind::null && !o.file.empty())
    return refused(fmt::format(
        "the null engine has no model file, but \"{}\" is given; leave it out, and write a pretended time into null_pace",
        o.file));
  if (o.engine == EngineKind::reference && o.precision != Precision::automatic && o.precision != Precision::fp32)
    return refused(
        fmt::format("the reference engine computes in fp32, not in {}; use precision \"fp32\"", name(o.precision)));
  return std::nullopt;
}

/// The accuracy gate for fp32 engines at start. Predictions are truncated to bytes, so an error of a hundredth of a
/// level changes some samples by a whole level; the gate of the benchmarks, 70 dB, would reject good engines with some
/// weights.
constexpr AccuracyGate nearly_exact{Precision::fp32, 60, 0.999, 1};

/// One way to compute the network.
struct Candidate {
  std::string name;
  AccuracyGate gate;
  std::function<Made()> make;
};

Made make_reference(const LamaWeights& weights, const EngineOptions& options) {
  return make_aten_lama(weights, options.device, options.threads);
}
Made make_reference(const MiganWeights& weights, const EngineOptions& options) {
  return make_aten_migan(weights, options.device, options.threads);
}

Made make_cpu(const LamaWeights& weights, const EngineOptions& options) { return make_cpu_lama(weights, options); }
Made make_cpu(const MiganWeights& weights, const EngineOptions& options) { return make_cpu_migan(weights, options); }

Made make_fused(const LamaWeights& weights, const EngineOptions& options, Precision precision,
                const EngineWarning& warn) {
  return make_fused_lama(weights, options.device, precision, options.threads, warn);
}
Made make_fused(const MiganWeights& weights, const EngineOptions& options, Precision precision,
                const EngineWarning& /*warn*/) {
  return make_fused_migan(weights, options.device, precision, options.threads);
}

/// The ways to compute the network on the device, from the fastest down, without the reference.
template <class Weights>
std::vector<Candidate> candidates(const EngineOptions& options, const Weights& weights, const EngineWarning& warn) {
  std::vector<Candidate> list;
  if (options.device != "cpu") {
    for (const Precision precision : {Precision::fp16, Precision::bf16, Precision::fp32})
      list.push_back(
          {std::string(name(precision)), precision == Precision::fp32 ? nearly_exact : gate_of(precision),
           [&options, &weights, &warn, precision] { return make_fused(weights, options, precision, warn); }});
    return list;
  }
  for (const Isa isa : {Isa::avx512, Isa::avx2})
    if (is_supported(isa)) {
      EngineOptions with_isa = options;
      with_isa.isa = isa;
      list.push_back(
          {std::string(name(isa)), nearly_exact, [&weights, with_isa] { return make_cpu(weights, with_isa); }});
    }
  return list;
}

/// Locks the loading of GPU engines, which are loaded one after the other: each needs host memory for several times its
/// weights, and no other work on the GPU. CPU engines need no lock.
std::unique_lock<std::mutex> turn_to_load(const std::string& device) {
  static std::mutex mutex;
  if (device == "cpu") return {};
  std::unique_lock turn(mutex);
  // LibTorch caches cuDNN's plans by thread, size and count. The default, ten thousand, takes gigabytes if clients
  // choose the sizes. LibTorch reads the variable at the first use.
  setenv("TORCH_CUDNN_V8_API_LRU_CACHE_LIMIT", "1000", /*overwrite=*/0);
  return turn;
}

/// Makes the fastest engine that passes the self-check with these weights on this device, or the reference.
template <class Weights>
Made make_fastest(const EngineOptions& options, const Weights& weights, const EngineWarning& warn) {
  auto reference = make_reference(weights, options);
  if (!reference) return reference;
  for (const Candidate& candidate : candidates(options, weights, warn)) {
    auto engine = candidate.make();
    if (!engine && engine.error().kind == EngineFailure::Kind::device_lost)
      return engine;  // every other way would fail as well
    std::string problem = engine ? "" : engine.error().message;
    if (engine) {
      if (const Status right = self_check(**engine, **reference, candidate.gate, check_size(weights)))
        return engine;
      else
        problem = right.error().message;
    }
    if (warn) warn(fmt::format("{}: {} is not used: {}", options.device, candidate.name, problem));
  }
  return reference;
}

template <class Weights>
Made make_native(const EngineOptions& options, const Weights& weights, const EngineWarning& warn) {
  if (options.precision == Precision::automatic && options.isa == Isa::automatic)
    return make_fastest(options, weights, warn);
  const Precision precision = options.precision == Precision::automatic ? Precision::fp32 : options.precision;
  if (options.device == "cpu" && precision == Precision::fp32 && wants_cpu_engine(options.isa))
    return make_cpu(weights, options);
  return make_fused(weights, options, precision, warn);
}

/// The engine for a known network.
template <class Weights>
Made make_for(const EngineOptions& options, const Weights& weights, const EngineWarning& warn) {
  if (options.engine == EngineKind::reference) return make_reference(weights, options);
  if (options.engine == EngineKind::native) return make_native(options, weights, warn);
  if constexpr (std::is_same_v<Weights, LamaWeights>)
    return make_script_inpainter(weights, options);
  else
    return refused("the script engine runs LaMa and TorchScript modules; use the native engine for " + weights.origin);
}

/// The model that the options name. The script engine runs a TorchScript module of a known network as it is, too.
Result<Model, EngineFailure> model_of(const EngineOptions& options) {
  if (options.engine == EngineKind::script && is_script_file(options.file)) return Model{ScriptFile{options.file}};
  return load_model(options.file);
}

Made make_for(const EngineOptions& options, const ScriptFile& script, const EngineWarning& /*warn*/) {
  if (options.engine == EngineKind::reference)
    return refused(fmt::format(
        "the reference engine knows LaMa and MI-GAN, and {} is a TorchScript module of another network; use the native "
        "or the script engine",
        script.path));
  return make_script_inpainter(script.path, options);
}

}  // namespace

Made make_inpainter(const EngineOptions& options, const Model& model, const EngineWarning& warn) {
  if (auto problem = check(options)) return *std::move(problem);
  const auto turn = turn_to_load(options.device);
  if (options.engine == EngineKind::null) return make_null_inpainter(options.null_pace, options.null_faults);
  return std::visit([&](const auto& network) { return make_for(options, network, warn); }, model);
}

Made make_inpainter(const EngineOptions& options, const EngineWarning& warn) {
  if (auto problem = check(options)) return *std::move(problem);
  if (options.engine == EngineKind::null) return make_null_inpainter(options.null_pace, options.null_faults);
  const auto model = model_of(options);
  if (!model) return model.error();
  return make_inpainter(options, *model, warn);
}

Result<NetworkTraits, EngineFailure> network_traits(const EngineOptions& options) {
  if (options.engine == EngineKind::null) return NetworkTraits{};
  const auto model = model_of(options);
  if (!model) return model.error();
  return traits_of(*model);
}

}  // namespace inpaintd
