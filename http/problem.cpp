// SPDX-License-Identifier: Apache-2.0
#include "gateway/problem.h"

#include <fmt/format.h>

#include <utility>

namespace inpaintd::gateway {

using namespace std::chrono_literals;

Problem problem(const Error& error) {
  const ErrorInfo& row = info(error.code);
  const int status = error.code == ErrorCode::cancelled ? 409 : row.number;
  return {status, std::string(row.name), error.message, row.retryable, error.retry_after};
}

Problem problem(ErrorCode code, std::string message) { return problem(Error{code, std::move(message)}); }

Problem no_workers(const std::string& subject) {
  return {503, "no_workers",
          fmt::format("no inpainting worker is connected: nobody listens on {}; start inpaintd, or try again later",
                      subject),
          true, 2000ms};
}

Problem disconnected() {
  return {503, "disconnected",
          "the connection to the NATS server is lost; the gateway reconnects by itself, try again in a few seconds",
          true, 2000ms};
}

Problem not_found(std::string message) { return {404, "not_found", std::move(message)}; }

Problem method_not_allowed(const std::string& allowed) {
  return {405, "method_not_allowed", fmt::format("the method is not allowed here; use {}", allowed)};
}

Problem unauthorized(std::string message) { return {401, "unauthorized", std::move(message)}; }

Problem forbidden(std::string message) { return {403, "forbidden", std::move(message)}; }

Problem unsupported_media_type(std::string message) { return {415, "unsupported_media_type", std::move(message)}; }

Problem request_timeout(std::string message) { return {408, "request_timeout", std::move(message), true}; }

}  // namespace inpaintd::gateway
