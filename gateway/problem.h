// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/problem.h"

/// The gateway's own reasons to refuse a request or to end a task. `code` is the function's name.
namespace inpaintd::gateway {

/// No worker subscribes `subject`.
Problem no_workers(const std::string& subject);
/// There is no connection to the NATS server.
Problem disconnected();

}  // namespace inpaintd::gateway
