// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include <algorithm>
#include <cstddef>

namespace inpaintd {
namespace {

constexpr std::size_t pairs_max = 256;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return std::nullopt;
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    }
  }
  return decoded;
}

}  // namespace

std::optional<std::string_view> HttpTarget::value(std::string_view name) const {
  for (const auto& [key, text] : query)
    if (key == name) return text;
  return std::nullopt;
}

std::optional<HttpTarget> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = decode(target.substr(0, mark), false);
  if (!path || path->find('\0') != std::string::npos) return std::nullopt;
  HttpTarget result{std::move(*path), {}};
  std::string_view rest = target.substr(mark);
  while (!rest.empty() && result.query.size() < pairs_max) {
    rest.remove_prefix(1);  // the question mark, or an ampersand
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size());
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto key = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) return std::nullopt;
    if (!pair.empty()) result.query.emplace_back(std::move(*key), std::move(*value));
  }
  return result;
}

}  // namespace inpaintd
