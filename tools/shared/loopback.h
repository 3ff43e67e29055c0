// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

/// TCP ports of 127.0.0.1.
namespace inpaintd::tools {

/// Connects a new socket to `port`, and returns it; the caller closes it. Returns -1 when nothing listens on `port`.
int connect_to_loopback(int port);

/// True when something accepts connections on `port`.
bool accepts_connections(int port);

/// Binds `socket` to a port that is free, and returns the port. Errors: internal.
Result<int> bind_to_free_port(int socket);

/// A port that is free now; another program may take it at any time. Errors: internal.
Result<int> free_port();

}  // namespace inpaintd::tools
