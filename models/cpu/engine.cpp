// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/engine.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "core/network_input.h"
#include "models/batch.h"
#include "models/cpu/migan_network.h"
#include "models/cpu/network.h"

namespace inpaintd {
namespace {

const cpu::Kernels& choose_kernels(Isa isa) {
  if (!is_supported(isa))
    throw std::invalid_argument("this CPU lacks the requested instruction set; use isa = \"auto\"");
  const auto wants = [isa](Isa candidate) {
    return isa == candidate || (isa == Isa::automatic && is_supported(candidate));
  };
  if (wants(Isa::avx512)) return cpu::avx512_kernels();
  if (wants(Isa::avx2)) return cpu::avx2_kernels();
  return cpu::portable_kernels();
}

const FoldedLama& checked(const FoldedLama& model) {
  const LamaShape& s = model.shape;
  const bool fits = s.ngf > 0 && s.local > 0 && s.global > 0 && s.global % 2 == 0 && s.local + s.global == 8 * s.ngf &&
                    s.blocks > 0 && model.layers.size() == 2 * static_cast<std::size_t>(s.blocks);
  if (!fits) throw std::invalid_argument("the weights do not have the shape of a LaMa network with at least one block");
  return model;
}

bool is_network_length(int length, int multiple) { return length >= network_side_min && length % multiple == 0; }

}  // namespace

bool is_supported(Isa isa) {
  switch (isa) {
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    default:
      return true;
  }
}

CpuEngine::CpuEngine(const FoldedLama& model, const Options& options)
    : pool_(thread_count(options.threads)),
      kernels_(choose_kernels(options.isa)),
      network_(std::make_unique<cpu::Network>(checked(model), kernels_, pool_)),
      profiling_(options.profile) {}

CpuEngine::CpuEngine(const FoldedMigan& model, const Options& options)
    : pool_(thread_count(options.threads)),
      kernels_(choose_kernels(options.isa)),
      network_(std::make_unique<cpu::MiganNetwork>(model, kernels_, pool_)),
      profiling_(options.profile) {}

CpuEngine::~CpuEngine() = default;

std::optional<std::size_t> CpuEngine::run(std::span<const cpu::Source> sources, Size size,
                                          std::span<const cpu::Target> targets) {
  const int multiple = side_multiple();
  if (!is_network_length(size.width, multiple) || !is_network_length(size.height, multiple))
    throw std::invalid_argument("the sides of a picture must be multiples of " + std::to_string(multiple) +
                                " and at least 16 pixels");
  if (sources.empty() || sources.size() != targets.size())
    throw std::invalid_argument("a batch needs one target for each source, and at least one source");
  for (const auto& [bytes, values, need] : targets)
    if (!need.empty() && (need.x < 0 || need.y < 0 || need.right() > size.width || need.bottom() > size.height))
      throw std::invalid_argument("the needed rectangle reaches beyond the picture");
  return network_->run(sources, size, targets, profiling_ ? &profile_ : nullptr);
}

double measure_peak(Isa isa, int threads) {
  const cpu::Kernels& kernels = choose_kernels(isa);
  cpu::Pool pool(thread_count(threads));
  std::vector<double> flops(static_cast<std::size_t>(pool.threads()));
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    pool.parallel(pool.threads(),
                  [&](int unit, int) { flops[static_cast<std::size_t>(unit)] = kernels.fma_loop(2'000'000); });
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double sum = 0;
    for (const double value : flops) sum += value;
    best = std::max(best, sum / seconds);
  }
  return best;
}

}  // namespace inpaintd
