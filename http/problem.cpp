// SPDX-License-Identifier: Apache-2.0
#include "http/problem.h"

#include <fmt/format.h>

#include <utility>

namespace inpaintd {

Problem problem(const Error& error) {
  const ErrorInfo& row = info(error.code);
  const int status = error.code == ErrorCode::cancelled ? 409 : row.number;
  return {status, std::string(row.name), error.message, row.retryable, error.retry_after};
}

Problem problem(ErrorCode code, std::string message) { return problem(Error{code, std::move(message)}); }

Problem not_found(std::string message) { return {404, "not_found", std::move(message)}; }

Problem method_not_allowed(const std::string& allowed) {
  return {405, "method_not_allowed", fmt::format("the method is not allowed here; use {}", allowed)};
}

Problem unauthorized(std::string message) { return {401, "unauthorized", std::move(message)}; }

Problem forbidden(std::string message) { return {403, "forbidden", std::move(message)}; }

Problem unsupported_media_type(std::string message) { return {415, "unsupported_media_type", std::move(message)}; }

Problem request_timeout(std::string message) { return {408, "request_timeout", std::move(message), true}; }

}  // namespace inpaintd
