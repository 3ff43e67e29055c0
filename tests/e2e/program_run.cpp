// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/program_run.h"

#include <filesystem>
#include <stdexcept>
#include <utility>

#include "tests/support/eventually.h"

namespace inpaintd::test {

namespace {

std::vector<std::string> command_of(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{(std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

RunningProgram::RunningProgram(std::string name, const std::vector<std::string>& arguments)
    : name_(std::move(name)), process_(start_process(command_of(name_, arguments), log_)) {}

void RunningProgram::await(const std::string& text) {
  const auto said = [&] { return contents(log_).find(text) != std::string::npos; };
  (void)eventually([&] { return said() || process_->ended(); });
  if (!said()) throw std::runtime_error(name_ + " did not print `" + text + "`, but:\n" + contents(log_));
}

ProgramRun RunningProgram::end() {
  if (!eventually([&] { return process_->ended().has_value(); }))
    throw std::runtime_error(name_ + " did not end; it printed:\n" + contents(log_));
  return {*process_->ended(), contents(log_)};
}

ProgramRun run_program(const std::string& name, const std::vector<std::string>& arguments) {
  return RunningProgram(name, arguments).end();
}

std::string demo_file(const std::string& name) { return INPAINTD_SOURCE_DIR "/examples/demo/" + name; }

}  // namespace inpaintd::test
