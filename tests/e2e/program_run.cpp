// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/program_run.h"

#include <filesystem>
#include <stdexcept>

#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

ProgramRun run_program(const std::string& name, const std::vector<std::string>& arguments) {
  const TemporaryDirectory directory;
  const auto log = directory.path() / "log";
  std::vector<std::string> command{(std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto process = start_process(command, log);
  if (!eventually([&] { return process->ended().has_value(); }))
    throw std::runtime_error(name + " did not end; it printed:\n" + contents(log));
  return {*process->ended(), contents(log)};
}

std::string demo_file(const std::string& name) { return INPAINTD_SOURCE_DIR "/examples/demo/" + name; }

}  // namespace inpaintd::test
