// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/pixels.h"
#include "models/cpu/forward.h"
#include "models/cpu/kernels/kernels.h"
#include "models/cpu/pool.h"
#include "models/cpu/profile.h"
#include "models/engine_options.h"
#include "models/lama/fold.h"
#include "models/migan/fold.h"

namespace inpaintd {

/// Whether this CPU has the instruction set.
bool is_supported(Isa isa);

/// Measures the floating-point operations per second that `threads` threads (0: one for each core) reach together with
/// fused multiply-adds alone, which is the upper bound of any engine. Takes a fraction of a second. Throws
/// std::invalid_argument for an instruction set that this CPU lacks.
double measure_peak(Isa isa, int threads);

/// LaMa or MI-GAN in fp32 on the CPU with the standard library only; docs/engine.md explains the methods. An engine is
/// used by one thread at a time. Several engines may exist at once, each with its own threads. After construction only
/// the arena grows, at the first batch of a larger size.
class CpuEngine {
 public:
  /// Settings of one engine.
  struct Options {
    int threads = 0;  ///< including the caller's; 0 means one for each core
    Isa isa = Isa::automatic;
    bool profile = false;  ///< whether to measure the time of each class of layer
  };

  /// Packs the weights of `model`, which may be freed afterwards. Throws std::invalid_argument for an instruction set
  /// that this CPU lacks or for a shape that is not the network's, and std::bad_alloc if memory runs out.
  CpuEngine(const FoldedLama& model, const Options& options);
  CpuEngine(const FoldedMigan& model, const Options& options);
  ~CpuEngine();

  /// Predicts pictures of one size, in both directions a multiple of side_multiple() and at least 16. If a target needs
  /// only a part, only the samples of that part are written, and less is computed. Returns the index of the first
  /// prediction that holds a NaN, if any does. Throws std::invalid_argument for sizes and spans that do not fit each
  /// other, and std::bad_alloc if memory runs out.
  std::optional<std::size_t> run(std::span<const cpu::Source> sources, Size size, std::span<const cpu::Target> targets);

  /// Gives the arena back to the system; the next run allocates a new one.
  void release_memory() { network_->release_memory(); }

  [[nodiscard]] int side_multiple() const { return network_->side_multiple(); }
  [[nodiscard]] int threads() const { return pool_.threads(); }
  [[nodiscard]] std::string_view isa() const { return kernels_.name; }
  /// The sum over all runs; empty unless Options::profile is set.
  [[nodiscard]] const cpu::Profile& profile() const { return profile_; }
  [[nodiscard]] std::size_t weight_bytes() const { return network_->weight_bytes(); }
  [[nodiscard]] std::size_t arena_bytes() const { return network_->arena_bytes(); }

 private:
  cpu::Pool pool_;
  const cpu::Kernels& kernels_;
  std::unique_ptr<cpu::Forward> network_;
  bool profiling_;
  cpu::Profile profile_;
};

}  // namespace inpaintd
