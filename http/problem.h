// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/error.h"

namespace inpaintd {

/// Why an HTTP request is not served: a row of the protocol's error table, or a reason of HTTP or of one program.
struct Problem {
  int status = 500;     ///< of HTTP
  std::string code;     ///< for programs: the protocol's code, or another word of the same form
  std::string message;  ///< for people: the fault and, after a semicolon, the remedy
  bool retryable = false;
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

/// The HTTP form of an error of the protocol. The status is the protocol's number; `cancelled` (499) becomes 409,
/// because 499 is not a status of HTTP.
Problem problem(const Error& error);
Problem problem(ErrorCode code, std::string message);

/// Reasons of HTTP itself. `code` is the function's name.
Problem not_found(std::string message);
Problem method_not_allowed(const std::string& allowed);
Problem unauthorized(std::string message);
Problem forbidden(std::string message);
Problem unsupported_media_type(std::string message);
Problem request_timeout(std::string message);

}  // namespace inpaintd
