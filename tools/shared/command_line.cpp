// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

namespace inpaintd::tools {

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
  app.set_version_flag("--version", app.get_name() + " " INPAINTD_VERSION, "Print the version and exit");
  std::string footer = app.get_footer();
  if (!footer.empty()) footer += "\n";
  app.footer(footer.append(exit_code_help));
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& end) {
    return app.exit(end) == 0 ? exit_ok : exit_usage;
  }
}

int complain(std::string_view message, int exit_code) {
  std::cerr << "error: " << message << '\n';
  return exit_code;
}

}  // namespace inpaintd::tools
