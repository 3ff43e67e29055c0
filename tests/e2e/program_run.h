// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace inpaintd::test {

/// The end of a program: its exit code, and the text on both outputs.
struct ProgramRun {
  int exit_code = -1;
  std::string output;

  [[nodiscard]] bool says(const std::string& text) const { return output.find(text) != std::string::npos; }
};

/// Runs a program of this build to its end. Throws std::runtime_error when it does not end.
ProgramRun run_program(const std::string& name, const std::vector<std::string>& arguments);

/// The path of a file of the demo: photo.jpg or mask.png.
std::string demo_file(const std::string& name);

}  // namespace inpaintd::test
