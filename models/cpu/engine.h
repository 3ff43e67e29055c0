// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/pixels.h"
#include "models/cpu/network.h"
#include "models/cpu/profile.h"
#include "models/engine_options.h"
#include "models/lama/fold.h"

namespace inpaintd {

/// Whether this CPU has the instruction set.
bool is_supported(Isa isa);

/// Flops per second that `threads` (0: all cores) reach together on nothing but fused multiply-adds: what an engine
/// could do at most. Takes a fraction of a second. Throws std::invalid_argument for an instruction set that this CPU
/// lacks.
double measure_peak(Isa isa, int threads);

/// LaMa in fp32 on the CPU, without other libraries; docs/engine.md explains it. Used by one thread at a time; several
/// engines may live side by side, each with threads of its own. Once made it never grows, but for its arena at the
/// first batch of a larger size.
class CpuEngine {
 public:
  struct Options {
    int threads = 0;  ///< the caller's included; 0 means all cores
    Isa isa = Isa::automatic;
    bool profile = false;
  };

  /// Takes what it needs from `model`, which may be freed afterwards. Throws std::invalid_argument for an instruction
  /// set that this CPU lacks or a shape that is no LaMa, std::bad_alloc for want of memory.
  CpuEngine(const FoldedLama& model, const Options& options);
  ~CpuEngine();

  /// Predicts pictures of one size, a multiple of 8 and at least 16 in both directions. Where a target needs a part
  /// only, the samples inside of it are written and less is computed. Returns the index of the first prediction that
  /// holds a NaN, if any does. Throws std::invalid_argument for sizes and spans that do not fit, std::bad_alloc for
  /// want of memory.
  std::optional<std::size_t> run(std::span<const cpu::Source> sources, Size size, std::span<const cpu::Target> targets);

  /// Gives the arena back to the system; the next run allocates a new one.
  void release_memory() { network_.release_memory(); }

  [[nodiscard]] int threads() const { return pool_.threads(); }
  [[nodiscard]] std::string_view isa() const { return kernels_.name; }
  /// The sum over all runs; empty unless asked for in the options.
  [[nodiscard]] const cpu::Profile& profile() const { return profile_; }
  [[nodiscard]] std::size_t weight_bytes() const { return network_.weight_bytes(); }
  [[nodiscard]] std::size_t arena_bytes() const { return network_.arena_bytes(); }

 private:
  cpu::Pool pool_;
  const cpu::Kernels& kernels_;
  cpu::Network network_;
  bool profiling_;
  cpu::Profile profile_;
};

}  // namespace inpaintd
