// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "gateway/gateway.h"
#include "tools/shared/server_options.h"

namespace CLI {
class App;
}

namespace inpaintd::tools {

/// The command line of inpaint-gateway.
struct GatewayOptions {
  gateway::GatewaySettings settings;
  ServerOptions server;
  std::string tokens_file;
  Config::Log log;
  bool start_all = false;
  std::vector<std::string> worker_settings;  ///< for the inpaintd that --start-all starts

  /// Declares every option, and --config for a file with the same names. The object must outlive the parsing.
  void declare(CLI::App& app);
  /// Completes `settings` by the contents of files. Errors: internal, naming the file.
  Status complete();
};

}  // namespace inpaintd::tools
