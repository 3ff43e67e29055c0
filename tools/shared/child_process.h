// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace inpaintd::tools {

/// A program that runs beside this one, in a process group of its own, so that Ctrl-C reaches only this program. The
/// end of the object sends `end_signal` to the child and waits until it has ended. The kernel sends the same signal
/// when this process dies, by whatever cause.
class ChildProcess {
 public:
  static constexpr int exec_failed = 127;  ///< exit code when the program could not be started

  /// `arguments[0]` is a path, or a name to be found in PATH. Both outputs of the program are appended to
  /// `output_file`, or go to this process's standard error if `output_file` is empty. Errors: internal, when no process
  /// can be made. A program that is missing shows as `exec_failed`.
  static Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& arguments,
                                                     const std::filesystem::path& output_file,
                                                     int end_signal = SIGTERM);

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { end(end_signal_); }

  /// Sends a signal, unless the child is known to have ended.
  void signal(int number) const;
  /// Sends SIGKILL, as a crash would end the child, and waits until the child has ended.
  void kill() { end(SIGKILL); }
  /// The exit code of the child (128 + N after signal N); nothing while it runs.
  std::optional<int> ended();

  [[nodiscard]] pid_t id() const { return id_; }

 private:
  ChildProcess(pid_t id, int end_signal) : id_(id), end_signal_(end_signal) {}
  void end(int signal_number);

  const pid_t id_;
  const int end_signal_;
  std::optional<int> exit_code_;
};

}  // namespace inpaintd::tools
