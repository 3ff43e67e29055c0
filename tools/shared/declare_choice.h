// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"

namespace inpaintd::tools {

/// The enumerator of the name. Throws CLI::ValidationError for other text.
template <class E>
E choice_from_text(const std::string& text) {
  const auto found = from_name<E>(text);
  if (!found) throw CLI::ValidationError(fmt::format("'{}' is unknown; choose one of {}", text, names_of<E>()));
  return *found;
}

/// Declares an option whose values are the names of an enumeration. `value` holds the default, and must outlive the
/// parsing. Include this file only in .cpp files: CLI11 is a large header.
template <class E>
CLI::Option* declare_choice(CLI::App& app, const std::string& flag, E& value, const std::string& help) {
  const auto read = [&value](const std::string& text) { value = choice_from_text<E>(text); };
  return app.add_option_function<std::string>(flag, read, fmt::format("{}: {}", help, names_of<E>()))
      ->type_name("NAME")
      ->default_str(std::string(name(value)));
}

/// The same for several names, separated by commas.
template <class E>
CLI::Option* declare_choices(CLI::App& app, const std::string& flag, std::vector<E>& values, const std::string& help) {
  const auto read = [&values](const std::vector<std::string>& texts) {
    values.clear();
    for (const std::string& text : texts) values.push_back(choice_from_text<E>(text));
  };
  std::vector<std::string_view> defaults;
  for (const E value : values) defaults.push_back(name(value));
  return app.add_option_function<std::vector<std::string>>(flag, read, fmt::format("{}: {}", help, names_of<E>()))
      ->delimiter(',')
      ->type_name("NAMES")
      ->default_str(fmt::format("{}", fmt::join(defaults, ",")));
}

}  // namespace inpaintd::tools
