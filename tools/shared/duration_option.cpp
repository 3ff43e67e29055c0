// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/duration_option.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "config/kinds.h"

namespace inpaintd::tools {

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || end != text.data() + text.size()) return kinds::parse_duration(text);
  if (!(seconds >= 0 && seconds <= 1e9)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

void declare_duration(CLI::App& app, const std::string& flag, std::chrono::milliseconds& value,
                      const std::string& help) {
  const auto read = [&value](const std::string& text) {
    const auto duration = parse_seconds(text);
    if (!duration)
      throw CLI::ValidationError(
          fmt::format("'{}' is not a duration; write seconds, or a number with a unit such as 500ms or 2min", text));
    value = *duration;
  };
  app.add_option_function<std::string>(flag, read, help)->type_name("TIME")->default_str(kinds::print_duration(value));
}

}  // namespace inpaintd::tools
