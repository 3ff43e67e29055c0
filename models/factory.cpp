// SPDX-License-Identifier: Apache-2.0
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
  return refused(std::string(what) + " \"" + value + "\" is unknown; there are: " + list);
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

/// What fp32 engines must keep to here. Predictions are truncated to bytes, so errors of a hundredth of a level move
/// some samples by a whole one; the gate of the benchmarks, 70 dB, would turn good engines away with some weights.
constexpr Gate nearly_exact{"fp32", 60, 0.999, 1};

/// One way to compute the network.
struct Candidate {
  std::string name;
  Gate gate;
  std::function<Made()> make;
};

/// From the fastest down. What they are checked against comes after them, and is always good.
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

/// Engines of GPUs are loaded one after the other, as each needs several times its weights of the host's memory, and
/// the GPU to itself. Those of CPUs are not held up.
std::unique_lock<std::mutex> turn_to_load(const std::string& device) {
  static std::mutex mutex;
  if (device == "cpu") return {};
  std::unique_lock turn(mutex);
  // cuDNN's plans are kept for each thread, size and count: by default ten thousand, which is gigabytes where clients
  // choose the sizes. Read at the first use.
  setenv("TORCH_CUDNN_V8_API_LRU_CACHE_LIMIT", "1000", /*overwrite=*/0);
  return turn;
}

/// The fastest way that gives right answers with these weights on this device.
Made make_fastest(const EngineOptions& options, const LamaWeights& weights) {
  auto reference = make_aten_lama(weights, options.device, options.threads);
  if (!reference) return reference;
  for (const Candidate& candidate : candidates(options, weights)) {
    auto engine = candidate.make();
    if (!engine && engine.error().kind == EngineFailure::Kind::device_lost) return engine;  // no way will work
    std::string problem = engine ? "" : engine.error().message;
    if (engine) {
      if (const Status right = self_check(**engine, **reference, candidate.gate, check_size))
        return engine;
      else
        problem = right.error().message;
    }
    if (options.warn) options.warn(options.device + ": " + candidate.name + " is not used: " + problem);
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
