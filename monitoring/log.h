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
#include "core/job.h"

namespace inpaintd {

/// Something that a line of the log says for machines: `key=value` in text, a member in JSON.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t> value;  ///< empty text is left out
};

/// While it lives, every line that this thread logs carries these fields, whoever writes it. Scopes nest. The texts
/// must outlive the scope, which itself costs a few stores.
class LogScope {
 public:
  static constexpr std::size_t fields_max = 8;

  LogScope(std::initializer_list<LogField> fields);
  /// Which request it is about (by its inbox where its id cannot be made out), and the trace that this belongs to.
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

/// One line per message. Text: "20:31:02.123 info done request=a1 code=done"; or one JSON object with `time`, `level`,
/// `message` and the fields.
std::unique_ptr<spdlog::formatter> log_formatter(bool json);

/// Sets up the log of the whole program.
void set_up_log(const Config::Log& log);

}  // namespace inpaintd
