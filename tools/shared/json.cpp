// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/json.h"

#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>

namespace inpaintd::tools::json {
namespace {

std::string join(const std::vector<std::string>& values, std::string_view separator) {
  std::string joined;
  for (const std::string& value : values) joined.append(joined.empty() ? "" : separator).append(value);
  return joined;
}

}  // namespace

std::string text(std::string_view text) {
  std::ostringstream out;
  out << '"';
  for (char c : text) {
    if (c == '"' || c == '\\')
      out << '\\' << c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << static_cast<int>(c) << std::dec;
    else
      out << c;
  }
  out << '"';
  return std::move(out).str();
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  std::ostringstream out;
  out << std::setprecision(6) << value;
  return std::move(out).str();
}

std::string list(const std::vector<std::string>& values) { return "[" + join(values, ", ") + "]"; }

Object& Object::add(std::string_view key, const std::string& value) {
  members_.push_back(text(key) + ": " + value);
  return *this;
}

std::string Object::in_a_line() const { return "{" + join(members_, ", ") + "}"; }

std::string Object::in_lines() const { return "{\n  " + join(members_, ",\n  ") + "\n}\n"; }

}  // namespace inpaintd::tools::json
