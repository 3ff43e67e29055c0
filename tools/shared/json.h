// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Pieces of JSON text, for programs that write it; none of them reads it.
namespace inpaintd::tools::json {

/// In quotes, with what must be escaped escaped.
std::string text(std::string_view text);
/// Six significant digits; `null` for what JSON has no number for.
std::string number(double value);
inline std::string number(std::size_t value) { return std::to_string(value); }
inline std::string flag(bool value) { return value ? "true" : "false"; }

/// Of pieces: `[a, b]`.
std::string list(const std::vector<std::string>& values);

/// A map in the order in which its keys were added.
class Object {
 public:
  /// `value` is a piece of JSON.
  Object& add(std::string_view key, const std::string& value);

  [[nodiscard]] std::string in_a_line() const;
  /// One key a line, with a line's end after the last brace.
  [[nodiscard]] std::string in_lines() const;

 private:
  std::vector<std::string> members_;
};

}  // namespace inpaintd::tools::json
