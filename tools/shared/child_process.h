// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace inpaintd::tools {

/// A program of our own beside this one. It is told to end (SIGTERM) and waited for when the object goes, and told to
/// end when this process dies, however that happens. Ctrl-C is not for it: we have work to finish first.
class ChildProcess {
 public:
  static constexpr int exec_failed = 127;  ///< its exit code when the program could not be started

  /// `arguments`: the program (a path, or a name to be found in PATH) and what it is told. Its output goes to
  /// `output_file`. Errors: internal.
  static Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& arguments,
                                                     const std::string& output_file);

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Its exit code (128 + signal) once it has ended.
  std::optional<int> exit_code();

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  const pid_t pid_;
  std::optional<int> exit_code_;
};

/// A port of 127.0.0.1 that nobody uses now. Errors: internal.
Result<int> free_port();
/// True when something accepts connections on this port of 127.0.0.1.
bool accepts_connections(int port);

}  // namespace inpaintd::tools
