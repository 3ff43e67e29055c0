// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/result.h"

namespace inpaintd {

/// The sources of settings. Each one overrides the sources before it: defaults, file, environment, `--set`.
struct ConfigSources {
  std::string file;                    ///< TOML; empty: none
  std::vector<std::string> overrides;  ///< "batch.wait_max=5ms"
  /// Looks up an environment variable. If the function is empty, the environment of the process is used.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

/// Reads, merges and checks all settings. Errors: bad_request, with the key, the value, the allowed values, and the
/// file and line.
Result<Config> load_config(const ConfigSources& sources);

/// `config` as a commented TOML file. Loading the file gives the same config, except for secrets, which are printed as
/// "***" in comments.
std::string print_config(const Config& config);

}  // namespace inpaintd
