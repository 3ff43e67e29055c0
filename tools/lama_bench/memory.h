// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "tools/lama_bench/engines.h"

namespace inpaintd::tools {

/// Bytes of this process that are in memory now.
std::size_t resident_bytes();
/// The most there were since reset_peak(), or since the start.
std::size_t resident_bytes_peak();
/// False where the system keeps no such account.
bool reset_peak();

/// Runs `work` in a child process, where nothing that this process will do later can be in its memory, and returns
/// its result; nothing when it throws, which it says on standard error, or dies. To be called before this process has
/// threads.
std::optional<std::size_t> in_child(const std::function<std::size_t()>& work);

/// One contender's memory at one size and batch.
struct MemoryPeak {
  std::string engine, precision;
  Size size;
  int batch = 0;
  std::optional<std::size_t> bytes;  ///< resident during one forward, weights included, loading not
};

/// Measures all contenders at all sizes and batches, each in a process of its own, and tells `report` of each.
void measure_memory(const BenchOptions& options, std::span<const Contender> contenders,
                    const std::function<void(const MemoryPeak&)>& report);

/// The same forward many times over: does memory grow?
struct Soak {
  std::string engine, precision;
  Size size;
  int batch = 0;
  int forwards = 0;
  std::size_t before = 0;  ///< bytes, after a few forwards that may still settle
  std::size_t after = 0;
  std::string failure;

  /// By more than a thousandth and a megabyte, which allocators may move in.
  [[nodiscard]] bool grew() const { return after > before + before / 1000 + (std::size_t{1} << 20); }
};

/// Soaks all contenders that were made, at all sizes and batches.
void measure_soak(const BenchOptions& options, std::span<const Contender> contenders,
                  const std::function<void(const Soak&)>& report);

}  // namespace inpaintd::tools
