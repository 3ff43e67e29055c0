// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string_view>
#include <utility>

#include "models/check/self_check.h"
#include "models/cpu/inpainter.h"
#include "models/fused/inpainter.h"
#include "models/null/inpainter.h"
#include "models/reference/inpainter.h"
#include "models/torch/script.h"

namespace inpaintd {
namespace {

using Made = Result<std::unique_ptr<Inpainter>, EngineFailure>;

constexpr Size check_size{96, 72};  // small, and one side an odd multiple of 8

EngineFailure refused(std::string message) { return {EngineFailure::Kind::failed, std::move(message)}; }

template <std::size_t count>
std::optional<EngineFailure> check_name(const char* what, const std::string& value,
                                        const std::array<std::string_view, count>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return std::nullopt;
  std::string list;
  for (const std::string_view each : known) list.append(list.empty() ? "" : ", ").append(each);
  return refused(std::string(what) + " \"" + value + "\" is unknown; known: " + list);
}

std::optional<EngineFailure> check(const EngineOptions& o) {
  using Name = std::string_view;
  if (auto problem = check_name("engine", o.engine, std::array<Name, 3>{"native", "script", "null"})) return problem;
  if (auto problem = check_name("precision", o.precision, std::array<Name, 4>{"auto", "fp32", "fp16", "bf16"}))
    return problem;
  if (auto problem = check_name("isa", o.isa, std::array<Name, 5>{"auto", "avx512", "avx2", "portable", "aten"}))
    return problem;
  if (o.threads < 0) return refused("threads must be 0 (all cores) or more");
  if (o.device == "cpu" && o.precision == "fp16")
    return refused("precision \"fp16\" needs a CUDA device; a CPU has fp32 and bf16");
  return std::nullopt;
}

/// The accuracy gate for fp32 engines at start. Predictions are truncated to bytes, so an error of a hundredth of a
/// level changes some samples by a whole level; the gate of the benchmarks, 70 dB, would reject good engines with some
/// weights.
constexpr Gate nearly_exact{"fp32", 60, 0.999, 1};

/// One way to compute the network.
struct Candidate {
  std::string name;
  Gate gate;
  std::function<Made()> make;
};

/// The ways to compute the network on the device, from the fastest down, without the reference.
std::vector<Candidate> candidates(const EngineOptions& options, const LamaWeights& weights) {
  std::vector<Candidate> list;
  if (options.device != "cpu") {
    for (const std::string precision : {"fp16", "bf16", "fp32"})
      list.push_back(
          {precision, precision == "fp32" ? nearly_exact : *gate_of(precision), [&options, &weights, precision] {
             return make_fused_lama(weights, options.device, precision, options.threads, options.warn);
           }});
    return list;
  }
  for (const Isa isa : {Isa::avx512, Isa::avx2})
    if (is_supported(isa)) {
      EngineOptions with_isa = options;
      with_isa.isa = isa == Isa::avx512 ? "avx512" : "avx2";
      list.push_back({with_isa.isa, nearly_exact, [&weights, with_isa] { return make_cpu_lama(weights, with_isa); }});
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
Made make_fastest(const EngineOptions& options, const LamaWeights& weights) {
  auto reference = make_aten_lama(weights, options.device, options.threads);
  if (!reference) return reference;
  for (const Candidate& candidate : candidates(options, weights)) {
    auto engine = candidate.make();
    if (!engine && engine.error().kind == EngineFailure::Kind::device_lost)
      return engine;  // every other way would fail as well
    std::string problem = engine ? "" : engine.error().message;
    if (engine) {
      if (const Status right = self_check(**engine, **reference, candidate.gate, check_size))
        return engine;
      else
        problem = right.error().message;
    }
    if (options.warn) options.warn(fmt::format("{}: {} is not used: {}", options.device, candidate.name, problem));
  }
  return reference;
}

Made make(const EngineOptions& options, LamaWeights weights) {
  if (options.engine == "null") return make_null_inpainter(options.model, options.null_faults);
  if (options.engine == "script") return make_script_inpainter(std::move(weights), options);
  if (options.isa == "aten") return make_aten_lama(std::move(weights), options.device, options.threads);
  if (options.precision == "auto" && options.isa == "auto") return make_fastest(options, weights);
  const std::string precision = options.precision == "auto" ? "fp32" : options.precision;
  if (options.device == "cpu" && precision == "fp32" && wants_cpu_engine(options.isa))
    return make_cpu_lama(weights, options);
  return make_fused_lama(weights, options.device, precision, options.threads, options.warn);
}

}  // namespace

Made make_inpainter(const EngineOptions& options, LamaWeights weights) {
  if (auto problem = check(options)) return *std::move(problem);
  const auto turn = turn_to_load(options.device);
  return make(options, std::move(weights));
}

Made make_inpainter(const EngineOptions& options) {
  if (auto problem = check(options)) return *std::move(problem);
  const auto turn = turn_to_load(options.device);
  if (options.engine == "script" && is_script_file(options.model)) return make_script_inpainter(options.model, options);
  if (options.engine == "null") return make(options, LamaWeights{});
  auto weights = load_lama_weights(options.model);
  if (!weights) return weights.error();
  return make(options, *std::move(weights));
}

}  // namespace inpaintd
