// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inpaintd {

/// Why a request ended without a picture. The enumerators are the strings of the wire protocol.
enum class ErrorCode : std::uint8_t {
  bad_request,
  unsupported_image,
  size_mismatch,
  too_large,
  overloaded,
  deadline_exceeded,
  cancelled,
  device_failed,
  object_not_found,
  store_failed,
  shutting_down,
  internal,
};

/// One row of the error table of docs/protocol.md.
struct ErrorInfo {
  ErrorCode code;
  std::string_view name;  ///< wire string
  int number;             ///< value of the Nats-Service-Error-Code header
  bool retryable;         ///< the same request may succeed later, or on another worker
};

inline constexpr std::array error_table{
    ErrorInfo{ErrorCode::bad_request, "bad_request", 400, false},
    ErrorInfo{ErrorCode::unsupported_image, "unsupported_image", 415, false},
    ErrorInfo{ErrorCode::size_mismatch, "size_mismatch", 422, false},
    ErrorInfo{ErrorCode::too_large, "too_large", 413, false},
    ErrorInfo{ErrorCode::overloaded, "overloaded", 429, true},
    ErrorInfo{ErrorCode::deadline_exceeded, "deadline_exceeded", 504, true},
    ErrorInfo{ErrorCode::cancelled, "cancelled", 499, false},
    ErrorInfo{ErrorCode::device_failed, "device_failed", 500, true},
    ErrorInfo{ErrorCode::object_not_found, "object_not_found", 404, false},
    ErrorInfo{ErrorCode::store_failed, "store_failed", 502, true},
    ErrorInfo{ErrorCode::shutting_down, "shutting_down", 503, true},
    ErrorInfo{ErrorCode::internal, "internal", 500, false},
};

consteval bool error_table_is_complete_and_in_order() {
  for (std::size_t i = 0; i < error_table.size(); ++i)
    if (static_cast<std::size_t>(error_table[i].code) != i) return false;
  return error_table.size() == static_cast<std::size_t>(ErrorCode::internal) + 1;
}
static_assert(error_table_is_complete_and_in_order());

/// The table's row for `code`.
constexpr const ErrorInfo& info(ErrorCode code) { return error_table[static_cast<std::size_t>(code)]; }

/// The code whose wire string is `name`; nothing when there is none.
constexpr std::optional<ErrorCode> error_code(std::string_view name) {
  for (const auto& row : error_table)
    if (row.name == name) return row.code;
  return std::nullopt;
}

/// An expected failure: a code for programs, and a message that tells a person what to do.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;  ///< only with `overloaded`
};

}  // namespace inpaintd
