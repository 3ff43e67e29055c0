// SPDX-License-Identifier: Apache-2.0
#include "monitoring/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/trace.h"
#include "monitoring/json_text.h"

namespace inpaintd {
namespace {

// spdlog formats a message on the thread that logs it, so the formatter finds the thread's scopes here.
thread_local const LogScope* innermost = nullptr;

void append(spdlog::memory_buf_t& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

// Whether a value is unambiguous without quotes.
bool plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127 && c != '"' && c != '='; });
}

std::string in_text(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  const auto text = std::get<std::string_view>(field.value);
  return plain(text) ? std::string(text) : json_text(text);
}

std::string in_json(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  return json_text(std::get<std::string_view>(field.value));
}

bool is_empty(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

}  // namespace

LogScope::LogScope(std::initializer_list<LogField> fields) : outer_(std::exchange(innermost, this)) {
  for (const LogField& field : fields)
    if (!is_empty(field) && count_ < fields_max) fields_[count_++] = field;
}

LogScope::LogScope(const Ticket& ticket)
    : LogScope({{"request", std::string_view(ticket.id.empty() ? ticket.reply : ticket.id)},
                {"trace_id", trace_id(ticket.traceparent)}}) {}

LogScope::~LogScope() { innermost = outer_; }

/// Writes the message and the fields of all scopes of the thread, the outermost first.
class FieldsFlag final : public spdlog::custom_flag_formatter {
 public:
  explicit FieldsFlag(bool json) : json_(json) {}

  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    json_ ? append(out, json_text(text)) : append(out, text);
    std::vector<const LogScope*> scopes;
    for (const LogScope* scope = innermost; scope != nullptr; scope = scope->outer_) scopes.push_back(scope);
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
      for (std::size_t i = 0; i < (*scope)->count_; ++i) write((*scope)->fields_[i], out);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<FieldsFlag>(json_);
  }

 private:
  void write(const LogField& field, spdlog::memory_buf_t& out) const {
    append(out, json_ ? fmt::format(",{}:{}", json_text(field.key), in_json(field))
                      : fmt::format(" {}={}", field.key, in_text(field)));
  }
  const bool json_;
};

std::unique_ptr<spdlog::formatter> log_formatter(bool json) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<FieldsFlag>('*', json);
  formatter->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})"
                              : "%H:%M:%S.%e %^%l%$ %*");
  return formatter;
}

void set_up_log(const Config::Log& log) {
  spdlog::set_level(spdlog::level::from_str(std::string(name(log.level))));
  spdlog::set_formatter(log_formatter(log.format == LogFormat::json));
}

}  // namespace inpaintd
