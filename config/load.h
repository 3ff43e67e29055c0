// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/result.h"

namespace inpaintd {

/// Where settings come from; each of these overrides the one before: default, file, environment, `--set`.
struct ConfigSources {
  std::string file;                    ///< TOML; empty: none
  std::vector<std::string> overrides;  ///< "batch.wait_max=5ms"
  /// Looks up an environment variable; the real one when empty.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

/// Reads, merges and checks all settings. Errors: bad_request, naming the key, the value, what is allowed, and the
/// file and line.
Result<Config> load_config(const ConfigSources& sources);

/// `config` as a commented TOML file. It loads back to the same config, save for secrets: they become "***", in
/// comments.
std::string print_config(const Config& config);

}  // namespace inpaintd
