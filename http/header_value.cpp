// SPDX-License-Identifier: Apache-2.0
#include "http/header_value.h"

#include <algorithm>
#include <cstddef>

namespace inpaintd {
namespace {

constexpr std::size_t parameters_max = 16;

/// Takes a quoted text from the start of `rest`, which begins with a quotation mark; a backslash keeps what follows it.
std::string take_quoted(std::string_view& rest) {
  std::string text;
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    // Browsers send the paths of Windows with plain backslashes: only a quotation mark or a backslash is escaped.
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
    text += rest[i];
  }
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return text;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view HeaderValue::parameter(std::string_view name) const {
  for (const auto& [key, text] : parameters)
    if (key == name) return text;
  return {};
}

HeaderValue parse_header_value(std::string_view text) {
  HeaderValue result;
  const std::size_t first = std::min(text.find(';'), text.size());
  result.value = lower_case(trimmed(text.substr(0, first)));
  std::string_view rest = text.substr(first);
  while (!rest.empty() && result.parameters.size() < parameters_max) {
    rest.remove_prefix(1);  // the semicolon
    const std::size_t equals = rest.find_first_of("=;");
    if (equals == std::string_view::npos) break;
    const std::string name = lower_case(trimmed(rest.substr(0, equals)));
    rest.remove_prefix(equals);
    if (rest.front() == ';') continue;  // a name without a value
    rest.remove_prefix(1);
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
    std::string value;
    if (!rest.empty() && rest.front() == '"') {
      value = take_quoted(rest);
      rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    } else {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      value = trimmed(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    if (!name.empty()) result.parameters.emplace_back(name, std::move(value));
  }
  return result;
}

}  // namespace inpaintd
