// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace inpaintd::tools {

/// Reads a duration: a number of seconds ("0.25"), or an integer with a unit ("500ms", "2min"). Returns nothing for
/// other text, for negative numbers, and for more than 1e9 seconds.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text);

/// Declares `flag` with a value for parse_seconds(). `value` holds the default, and must outlive the parsing.
CLI::Option* declare_duration(CLI::App& app, const std::string& flag, std::chrono::milliseconds& value,
                              const std::string& help);

}  // namespace inpaintd::tools
