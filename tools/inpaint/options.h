// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "core/request.h"
#include "tools/shared/server_options.h"

namespace CLI {
class Option;
}

namespace inpaintd::tools {

/// The command line of `inpaint`.
struct InpaintOptions {
  std::filesystem::path image;
  std::filesystem::path mask;
  std::filesystem::path images;  ///< a folder, instead of `image`
  std::filesystem::path masks;   ///< a folder, or one file for all pictures, instead of `mask`
  std::filesystem::path output;  ///< a file; with `images`, a folder

  Options request;
  CLI::Option* format_option = nullptr;  ///< without it, the extension of `output` decides

  ServerOptions server;
  Priority priority = Priority::normal;
  std::chrono::milliseconds timeout{60'000};
  CLI::Option* timeout_option = nullptr;  ///< without it, a durable run waits without a limit
  int retries = 4;
  int concurrency = 4;
  bool progress = false;
  bool preserve = false;  ///< the output gets the times, owner and mode of the picture

  bool durable = false;                               ///< by jobs that JetStream keeps
  std::string owner = "inpaint";                      ///< only with `durable`: the first part of the jobs' ids
  std::optional<std::chrono::milliseconds> wait_max;  ///< only with `durable`; set by check()

  bool local = false;
  std::string model;   ///< only with `local`; empty: the default
  std::string device;  ///< only with `local`; empty: the first of available_devices()

  [[nodiscard]] bool folders() const { return !images.empty(); }

  void declare(CLI::App& app);
};

/// Checks combinations of options, which the parser cannot check, and chooses the output format and `wait_max`. Returns
/// an error text, or nothing.
std::optional<std::string> check(InpaintOptions& options);

}  // namespace inpaintd::tools
