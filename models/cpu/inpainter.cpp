// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/inpainter.h"

#include <exception>
#include <new>
#include <utility>

#include "models/batch.h"
#include "models/lama/fold.h"
#include "models/migan/fold.h"
#include "models/reference/inpainter.h"

namespace inpaintd {
namespace {

class CpuInpainter final : public Inpainter {
 public:
  template <class Weights>
  CpuInpainter(const Weights& weights, const EngineOptions& options)
      : engine_(fold(weights), {.threads = options.threads, .isa = options.isa, .profile = options.profile}),
        model_(weights.model),
        details_(describe_weights(weights)) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    if (batch.empty()) return std::vector<Pixels>{};
    if (auto problem = check_batch(batch, engine_.side_multiple())) return *std::move(problem);
    try {
      return run_checked(batch);
    } catch (...) {
      return standard_failure();
    }
  }

  void release_memory() override { engine_.release_memory(); }

  [[nodiscard]] std::string describe() const override {
    return "native: " + details_ + ", cpu, fp32, " + std::to_string(engine_.threads()) +
           (engine_.threads() == 1 ? " thread, " : " threads, ") + std::string(engine_.isa());
  }
  [[nodiscard]] std::string model_name() const override { return model_; }
  [[nodiscard]] std::string device_name() const override { return "cpu"; }
  [[nodiscard]] std::string precision() const override { return "fp32"; }
  [[nodiscard]] std::string way() const override { return std::string(engine_.isa()); }
  [[nodiscard]] std::vector<LayerCost> profile() const override {
    std::vector<LayerCost> costs;
    for (const auto& [layer, name] : cpu::layer_classes) {
      const auto& [seconds, flops] = engine_.profile()[layer];
      if (seconds > 0) costs.push_back({name, seconds, flops});
    }
    return costs;
  }

 private:
  Result<std::vector<Pixels>, EngineFailure> run_checked(std::span<const NetworkInput> batch) {
    const Size size = batch[0].image->size();
    std::vector<Pixels> answers;
    std::vector<cpu::Source> sources;
    for (const NetworkInput& input : batch) {
      answers.emplace_back(size.width, size.height, 3);
      sources.push_back({input.image->bytes.data(), input.mask->bytes.data()});
    }
    std::vector<cpu::Target> targets;
    for (std::size_t i = 0; i < batch.size(); ++i) targets.push_back({answers[i].bytes.data(), nullptr, batch[i].need});
    if (const auto bad = engine_.run(sources, size, targets)) return not_finite(*bad);
    return answers;
  }

  CpuEngine engine_;
  std::string model_;
  std::string details_;
};

using Made = Result<std::unique_ptr<Inpainter>, EngineFailure>;

template <class Weights>
Made make(const Weights& weights, const EngineOptions& options) {
  try {
    return std::unique_ptr<Inpainter>(std::make_unique<CpuInpainter>(weights, options));
  } catch (...) {
    return standard_failure();
  }
}

}  // namespace

bool wants_cpu_engine(Isa isa) { return isa != Isa::automatic || is_supported(Isa::avx512) || is_supported(Isa::avx2); }

double measure_cpu_peak(Isa isa, int threads) {
  return is_supported(isa) ? measure_peak(isa, thread_count(threads)) : 0;
}

Made make_cpu_lama(const LamaWeights& weights, const EngineOptions& options) { return make(weights, options); }

Made make_cpu_migan(const MiganWeights& weights, const EngineOptions& options) { return make(weights, options); }

}  // namespace inpaintd
