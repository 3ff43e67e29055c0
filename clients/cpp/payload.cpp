// SPDX-License-Identifier: Apache-2.0
#include "clients/cpp/payload.h"

#include <fmt/format.h>

#include <cstdint>

namespace inpaintd {

Status check_payload(const Connection& connection, std::size_t bytes) {
  const std::int64_t limit = connection.max_payload();
  if (limit <= 0 || bytes <= static_cast<std::size_t>(limit)) return Ok{};
  return Error{ErrorCode::too_large,
               fmt::format("the request has {} bytes, and the NATS server accepts at most {}; send JPEG or WebP, or "
                           "raise max_payload in the configuration of the server",
                           bytes, limit)};
}

}  // namespace inpaintd
