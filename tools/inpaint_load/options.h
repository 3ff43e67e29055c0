// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/mix.h"
#include "tools/inpaint_load/schedule.h"
#include "tools/shared/common.h"

namespace inpaintd::tools {

enum class Comparison : std::uint8_t { none, serial };

/// The command line of `inpaint-load`.
struct LoadOptions {
  ServerOptions server;

  int concurrency = 8;         ///< closed loop: so many requests are always in flight
  std::optional<double> rate;  ///< open loop instead: so many per second, whatever the answers do
  bool poisson = false;
  Profile profile = Profile::steady;
  bool profile_given = false;  ///< without a rate, the service's own is measured first
  std::uint64_t seed = 1;
  std::chrono::milliseconds duration{10'000};
  std::optional<std::size_t> requests;     ///< closed loop: so many, however long it takes
  std::chrono::milliseconds warmup{2000};  ///< before it, not counted

  Mix mix;
  std::filesystem::path images;  ///< a folder of photographs; empty: noise
  MaskKind masks = MaskKind::strokes;
  Format format = Format::jpeg;
  Options request;
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds grace{15'000};  ///< a batch that runs at the deadline is answered when it is done
  int retries = 0;
  double verify = 0.02;  ///< share of the answers that are held against what was sent

  std::optional<std::chrono::milliseconds> slo;
  bool find_peak = false;

  Comparison compare = Comparison::none;
  int tasks = 16;
  int rounds = 3;
  std::vector<std::string> settings;  ///< of the services that a comparison starts

  std::string json;  ///< a file, or - for standard output; empty: none
  std::string svg;   ///< a file; empty: none

  void declare(CLI::App& app);
};

/// Checks what the parser cannot. Returns what is wrong, in words.
std::optional<std::string> check(const LoadOptions& options);

}  // namespace inpaintd::tools

namespace inpaintd {
template <>
struct EnumNames<tools::Comparison> {
  static constexpr std::array<std::string_view, 2> names{"none", "serial"};
};
}  // namespace inpaintd
