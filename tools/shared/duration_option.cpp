// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/duration_option.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>

#include "core/units.h"

namespace inpaintd::tools {

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  const auto seconds = parse_number<double>(text);
  if (!seconds) return parse_duration(text);
  if (!(*seconds >= 0 && *seconds <= 1e9)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(*seconds * 1000));
}

CLI::Option* declare_duration(CLI::App& app, const std::string& flag, std::chrono::milliseconds& value,
                              const std::string& help) {
  const auto read = [&value](const std::string& text) {
    const auto duration = parse_seconds(text);
    if (!duration)
      throw CLI::ValidationError(
          fmt::format("'{}' is not a duration; write seconds, or a number with a unit such as 500ms or 2min", text));
    value = *duration;
  };
  return app.add_option_function<std::string>(flag, read, help)->type_name("TIME")->default_str(duration_text(value));
}

}  // namespace inpaintd::tools
