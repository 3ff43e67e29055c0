// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace inpaintd::tools {

/// The exit codes of all programs. The --help text of each program ends with `exit_code_help`.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_no_service = 3,
  exit_no_hole = 4,   // inpaint alone, when the mask was empty and the picture is unchanged
  exit_restart = 75,  // EX_TEMPFAIL: inpaintd alone, when it must be restarted
  exit_interrupted = 130,
};
inline constexpr std::string_view exit_code_help =
    "Exit codes: 0 success, 1 failure of all or a part, 2 wrong usage, 3 no NATS server or no service, "
    "4 the mask has no hole, "
    "75 inpaintd must be restarted, 130 interrupted.";

}  // namespace inpaintd::tools
