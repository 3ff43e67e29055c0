// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "core/names.h"

namespace inpaintd::tools {

/// Declares an option whose values are the names of an enumeration. `value` holds the default, and must outlive the
/// parsing. Include this file only in .cpp files: CLI11 is a large header.
template <class E>
CLI::Option* declare_choice(CLI::App& app, const std::string& flag, E& value, const std::string& help) {
  const auto read = [&value](const std::string& text) {
    const auto found = from_name<E>(text);
    if (!found) throw CLI::ValidationError(fmt::format("'{}' is unknown; choose one of {}", text, names_of<E>()));
    value = *found;
  };
  return app.add_option_function<std::string>(flag, read, fmt::format("{}: {}", help, names_of<E>()))
      ->type_name("NAME")
      ->default_str(std::string(name(value)));
}

}  // namespace inpaintd::tools
