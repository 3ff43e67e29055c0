// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/formatter.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "config/config.h"
#include "core/ticket.h"

namespace inpaintd {

/// A structured field of a log line: `key=value` in text, a member in JSON.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t> value;  ///< a field with empty text is left out
};

/// RAII: adds fields to every line that this thread logs during the object's lifetime, libraries' lines included.
/// Scopes nest, and the outermost fields come first. The texts must outlive the scope. A scope costs a few stores.
class LogScope {
 public:
  static constexpr std::size_t fields_max = 8;  ///< further fields are ignored

  LogScope(std::initializer_list<LogField> fields);
  /// Adds `request`, the request's id or, if it has none, its inbox, and `trace_id`, if the request has a trace.
  explicit LogScope(const Ticket& ticket);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  friend class FieldsFlag;
  std::array<LogField, fields_max> fields_;
  std::size_t count_ = 0;
  const LogScope* outer_;
};

/// A formatter that writes one line for each message: text such as "20:31:02.123 info done request=a1 code=done", or a
/// JSON object with `time`, `level`, `message` and the fields.
std::unique_ptr<spdlog::formatter> log_formatter(bool json);

/// Sets the level and the format of the program's log.
void set_up_log(const Config::Log& log);

}  // namespace inpaintd
