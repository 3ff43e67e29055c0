// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tools/shared/exit_codes.h"

namespace CLI {
class App;
}

namespace inpaintd::tools {

/// Adds --version and the exit codes to `app`, then parses the command line. Returns an exit code when the program must
/// end here: after --help, after --version, or because of wrong usage, which is explained on stderr.
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

/// Prints "error: <message>" on stderr and returns `exit_code`, so that `main` can return the result.
int complain(std::string_view message, int exit_code = exit_failed);

}  // namespace inpaintd::tools
