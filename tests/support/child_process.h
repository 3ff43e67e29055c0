// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace inpaintd::test {

/// A program that runs beside the test. It is killed when the object goes, and when the test program dies.
class ChildProcess {
 public:
  /// `command[0]` is a file. What the program writes, to both outputs, is appended to `log_file`. Throws
  /// std::runtime_error.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log_file);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const;
  /// As a crash would: SIGKILL; returns when it is gone.
  void kill();
  /// How it ended: its exit code, or 128 and the signal's number. Nothing while it runs.
  std::optional<int> ended();

  [[nodiscard]] pid_t id() const { return id_; }

 private:
  pid_t id_ = 0;
  std::optional<int> ended_;
};

/// The whole text of a file; empty when it is not there.
std::string contents(const std::filesystem::path& file);

}  // namespace inpaintd::test
