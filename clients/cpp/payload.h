// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "bus/connection.h"
#include "core/result.h"

namespace inpaintd {

/// Checks that a message of `bytes` bytes is within the limit of the NATS server (max_payload). The limit is unknown
/// before the first connection; then every size passes. Errors: too_large.
Status check_payload(const Connection& connection, std::size_t bytes);

}  // namespace inpaintd
