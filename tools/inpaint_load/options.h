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
#include "tools/shared/server_options.h"

namespace inpaintd::tools {

enum class Comparison : std::uint8_t { none, serial };

/// The command line of `inpaint-load`.
struct LoadOptions {
  ServerOptions server;

  int concurrency = 8;         ///< closed loop: number of requests that are always in flight
  std::optional<double> rate;  ///< open loop: requests per second, independent of the answers
  bool poisson = false;
  Profile profile = Profile::steady;
  bool profile_given = false;  ///< without a rate, the rate of a closed loop is measured first
  std::uint64_t seed = 1;
  std::chrono::milliseconds duration{10'000};
  std::optional<std::size_t> requests;     ///< closed loop: number of requests to send, instead of `duration`
  std::chrono::milliseconds warmup{2000};  ///< sending time before `duration`, not counted

  Mix mix;
  std::vector<Size> sizes;       ///< of pictures of noise, each as likely; empty: the squares of `mix`
  std::filesystem::path images;  ///< a folder of photographs; empty: pictures of noise
  bool as_is = false;            ///< photographs keep their own sizes
  MaskKind masks = MaskKind::strokes;
  Format format = Format::jpeg;
  Options request;
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds grace{
      15'000};  ///< wait beyond `timeout`: a batch that runs at the deadline is still answered
  int retries = 0;
  double verify = 0.02;  ///< share of the answers that are compared with their requests

  std::optional<std::chrono::milliseconds> slo;  ///< latency limit of goodput and of the peak search
  bool find_peak = false;

  Comparison compare = Comparison::none;
  int tasks = 16;
  int rounds = 3;
  std::vector<std::string> settings;  ///< `key=value` settings of the services that a comparison starts

  std::string json;  ///< a file, or - for standard output; empty: none

  /// Declares all options. The object must outlive the parsing.
  void declare(CLI::App& app);
};

/// Checks combinations of options, which the parser cannot. Returns what is wrong, in words.
std::optional<std::string> check(const LoadOptions& options);

}  // namespace inpaintd::tools

namespace inpaintd {
template <>
struct EnumNames<tools::Comparison> {
  static constexpr std::array<std::string_view, 2> names{"none", "serial"};
};
}  // namespace inpaintd
