// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "bus/connection.h"
#include "core/request.h"
#include "core/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

/// What the programs share: how to reach the service, and what exit codes mean.
namespace inpaintd::tools {

/// What a program's exit code says. Every tool's --help ends with `exit_code_help`.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_no_service = 3,
  exit_restart = 75,  // EX_TEMPFAIL: inpaintd alone, start it again
  exit_interrupted = 130,
};
inline constexpr std::string_view exit_code_help =
    "Exit codes: 0 all done, 1 some or all failed, 2 wrong usage, 3 no server or no service, "
    "75 inpaintd needs a new process, 130 interrupted.";

/// How to reach the service: the same options in every tool.
struct ServerOptions {
  ConnectionOptions connection;
  std::string prefix = "inpaint";  ///< first part of every subject

  /// Declares --server, --user, --creds and the rest. NATS_URL, INPAINTD_NATS_PASSWORD and INPAINTD_NATS_TOKEN count as
  /// for the service. The object must outlive the parsing.
  void declare(CLI::App& app);
};

/// Parses the command line. Returns an exit code when the program shall end here: --help, --version, wrong usage.
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

/// Declares `flag` as a duration: a number of seconds, or with a unit as in "500ms", "2min".
void declare_duration(CLI::App& app, const std::string& flag, std::chrono::milliseconds& value,
                      const std::string& help);
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text);

/// `error: ...` on stderr, and the exit code to end with.
int complain(std::string_view message, int exit_code = exit_failed);

/// Refuses what the server would not carry, naming its limit. Nothing is known before the first connect.
Status check_payload(const Connection& connection, std::size_t bytes);

/// For programs that pass pictures on. Each message allocates and frees buffers of a megabyte; by default each of them
/// is mapped, faulted in page by page and unmapped again, which costs more than all that is done with it. Keeps that
/// memory instead: up to 512 MiB that are free stay ours, for each arena of malloc.
void keep_freed_memory();

/// Turns the first Ctrl-C or SIGTERM into a question that loops ask; a second one ends the process at once.
class Interrupt {
 public:
  Interrupt();
  [[nodiscard]] bool requested() const;
};

}  // namespace inpaintd::tools
