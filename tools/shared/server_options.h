// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bus/connection.h"

namespace CLI {
class App;
}

namespace inpaintd::tools {

/// The address and credentials of the NATS server, and the subjects of the service. The options are the same in every
/// client program.
struct ServerOptions {
  ConnectionOptions connection;
  std::string prefix = "inpaint";  ///< first part of every subject

  /// Declares --server, --user, --creds and the other options. The environment variables NATS_URL, INPAINTD_NATS_USER,
  /// INPAINTD_NATS_PASSWORD and INPAINTD_NATS_TOKEN set defaults, as they do for the service. The object must outlive
  /// the parsing.
  void declare(CLI::App& app);
};

}  // namespace inpaintd::tools
