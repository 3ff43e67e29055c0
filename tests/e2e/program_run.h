// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

/// The end of a program: its exit code, and the text on both outputs.
struct ProgramRun {
  int exit_code = -1;
  std::string output;

  [[nodiscard]] bool says(const std::string& text) const { return output.find(text) != std::string::npos; }
};

/// A program of this build that runs beside the test. It ends with the object.
class RunningProgram {
 public:
  RunningProgram(std::string name, const std::vector<std::string>& arguments);

  /// Waits until the program has printed `text`. Throws std::runtime_error when it ends before.
  void await(const std::string& text);
  /// Waits for the end. Throws std::runtime_error when the program does not end.
  ProgramRun end();
  [[nodiscard]] ChildProcess& process() { return *process_; }

 private:
  const std::string name_;
  const TemporaryDirectory directory_;
  const std::filesystem::path log_ = directory_.path() / "log";
  const std::unique_ptr<ChildProcess> process_;
};

/// Runs a program of this build to its end. Throws std::runtime_error when it does not end.
ProgramRun run_program(const std::string& name, const std::vector<std::string>& arguments);

/// The path of a file of the demo: photo.jpg or mask.png.
std::string demo_file(const std::string& name);

}  // namespace inpaintd::test
