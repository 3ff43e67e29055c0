// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/request.h"
#include "tools/common.h"
#include "tools/inpaint_load_inputs.h"
#include "tools/inpaint_load_schedule.h"

namespace inpaintd::tools {

/// The command line of `inpaint-load`.
struct LoadOptions {
  ServerOptions server;

  int concurrency = 8;         ///< closed loop: so many requests are always in flight
  std::optional<double> rate;  ///< open loop instead: so many per second, whatever the answers do
  bool poisson = false;
  std::uint64_t seed = 1;
  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warmup{2000};  ///< before it, not counted

  std::vector<int> sizes{512};
  std::filesystem::path images;  ///< a folder of photographs; empty: noise
  MaskKind masks = MaskKind::strokes;
  bool repeat_input = false;
  Format format = Format::jpeg;
  Options request;
  PriorityMix priority;
  std::chrono::milliseconds timeout{60'000};

  std::optional<std::chrono::milliseconds> slo;
  std::string json;  ///< a file, or - for standard output; empty: none

  void declare(CLI::App& app);
};

/// Checks what the parser cannot. Returns what is wrong, in words.
std::optional<std::string> check(const LoadOptions& options);

}  // namespace inpaintd::tools
