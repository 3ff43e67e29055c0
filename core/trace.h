// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

/// W3C Trace Context, https://www.w3.org/TR/trace-context/: version-traceid-parentid-flags, in lower case hex digits.
namespace inpaintd {

/// True for a `traceparent` that may be passed on: version 00, or a later one that begins like it.
constexpr bool valid_traceparent(std::string_view text) {
  constexpr std::size_t length = 55;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto all_hex = [&](std::size_t from, std::size_t count) {
    const std::string_view part = text.substr(from, count);
    return std::all_of(part.begin(), part.end(), is_hex);
  };
  const auto all_zero = [&](std::size_t from, std::size_t count) {
    return text.substr(from, count).find_first_not_of('0') == std::string_view::npos;
  };
  if (text.size() < length || text.size() > 512) return false;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  if (!all_hex(0, 2) || !all_hex(3, 32) || !all_hex(36, 16) || !all_hex(53, 2)) return false;
  if (text.starts_with("ff") || all_zero(3, 32) || all_zero(36, 16)) return false;
  if (text.size() == length) return true;
  // A later version may add fields after another dash, but no character that would end a header.
  const auto printable = [](char c) { return c > ' ' && c < 127; };
  return !text.starts_with("00") && text[length] == '-' && std::all_of(text.begin(), text.end(), printable);
}

/// The trace id, 32 digits that all messages of one trace share; empty when `traceparent` is not valid.
constexpr std::string_view trace_id(std::string_view traceparent) {
  return valid_traceparent(traceparent) ? traceparent.substr(3, 32) : std::string_view();
}

}  // namespace inpaintd
