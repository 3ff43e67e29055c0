// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "tools/lama_bench/engines.h"

namespace inpaintd::tools {

/// The resident memory of this process, in bytes.
std::size_t resident_bytes();
/// The peak of the resident memory since reset_peak(), or since the start of the process, in bytes.
std::size_t resident_bytes_peak();
/// Resets the peak. Returns false when the kernel has no /proc/self/clear_refs.
bool reset_peak();

/// Runs `work` in a child process, so that its memory is measured apart from that of this process, and returns the
/// result; nothing when `work` throws (the error is printed on stderr) or the child dies. To be called before this
/// process has threads.
std::optional<std::size_t> in_child(const std::function<std::size_t()>& work);

/// The memory of one contender at one size and batch size.
struct MemoryPeak {
  std::string engine, precision;
  Size size;
  int batch = 0;
  std::optional<std::size_t> bytes;  ///< peak during one forward pass, with the weights, without their loading
};

/// Measures all contenders at all sizes and batch sizes, each in a process of its own, and calls `report` with each
/// result.
void measure_memory(const BenchOptions& options, std::span<const Contender> contenders,
                    const std::function<void(const MemoryPeak&)>& report);

/// The growth of memory over many repetitions of the same forward pass.
struct Soak {
  std::string engine, precision;
  Size size;
  int batch = 0;
  int forwards = 0;
  std::size_t before = 0;  ///< bytes, after the first passes, in which allocators still grow
  std::size_t after = 0;
  std::string failure;

  /// True for growth by more than a thousandth plus 1 MiB; allocators may vary by less.
  [[nodiscard]] bool grew() const { return after > before + before / 1000 + (std::size_t{1} << 20); }
};

/// Runs all contenders that could be made, at all sizes and batch sizes, and calls `report` with each result.
void measure_soak(const BenchOptions& options, std::span<const Contender> contenders,
                  const std::function<void(const Soak&)>& report);

}  // namespace inpaintd::tools
