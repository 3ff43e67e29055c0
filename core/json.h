// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Writing JSON (RFC 8259) as text; nothing in the service reads any.
namespace inpaintd::json {

/// `text` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD.
std::string quoted(std::string_view text);

/// `[a,b]` of elements that are JSON already.
std::string array(const std::vector<std::string>& elements);

/// An object, written member by member.
class Object {
 public:
  Object& text(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }
  Object& number(std::string_view key, std::uint64_t value) { return raw(key, std::to_string(value)); }
  /// Six significant digits; 0 in place of what JSON cannot hold (NaN, Inf).
  Object& real(std::string_view key, double value);
  Object& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  /// `json` is JSON already.
  Object& raw(std::string_view key, std::string_view json);
  [[nodiscard]] std::string str() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

}  // namespace inpaintd::json
