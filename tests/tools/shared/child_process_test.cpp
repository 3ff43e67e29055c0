// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/child_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {
namespace {

using test::eventually;

int exit_code_of(ChildProcess& process) {
  REQUIRE(eventually([&] { return process.ended().has_value(); }));
  return *process.ended();
}

}  // namespace

TEST_CASE("a child process is found in PATH, appends both outputs to a file, and has an exit code") {
  const test::TemporaryDirectory directory;
  const std::string output = directory.write("output", "before\n");
  const auto process = ChildProcess::start({"sh", "-c", "echo out; echo err >&2; exit 3"}, output);
  REQUIRE(process);
  CHECK(exit_code_of(**process) == 3);
  CHECK(test::contents(output) == "before\nout\nerr\n");
}

TEST_CASE("without a file, a child process writes to the standard error of its parent, and overwrites nothing") {
  const test::TemporaryDirectory directory;
  const std::string output = directory.write("output", "");
  const int before = dup(STDERR_FILENO);
  const int file = open(output.c_str(), O_WRONLY);  // as a shell's 2>FILE: not in append mode
  dup2(file, STDERR_FILENO);
  const auto write_line = [](std::string_view line) { return write(STDERR_FILENO, line.data(), line.size()) > 0; };
  const bool first = write_line("first\n");
  const auto process = ChildProcess::start({"sh", "-c", "echo out; echo err >&2"}, {});
  const bool ended = process && eventually([&] { return (*process)->ended().has_value(); });
  const bool last = write_line("last\n");
  dup2(before, STDERR_FILENO);
  close(file);
  close(before);
  CHECK((first && ended && last));
  CHECK(test::contents(output) == "first\nout\nerr\nlast\n");
}

TEST_CASE("a program that does not exist ends with exec_failed") {
  const auto process = ChildProcess::start({"/no/such/program"}, "/dev/null");
  REQUIRE(process);
  CHECK(exit_code_of(**process) == ChildProcess::exec_failed);
}

TEST_CASE("a child process that a signal ends has 128 and the number of the signal as exit code") {
  const auto process = ChildProcess::start({"sleep", "1000"}, "/dev/null");
  REQUIRE(process);
  CHECK_FALSE((*process)->ended());
  (*process)->signal(SIGINT);
  CHECK(exit_code_of(**process) == 128 + SIGINT);
  (*process)->kill();
  CHECK(exit_code_of(**process) == 128 + SIGINT);
}

TEST_CASE("the end of the object ends the child process") {
  pid_t id = 0;
  {
    const auto process = ChildProcess::start({"sleep", "1000"}, "/dev/null");
    REQUIRE(process);
    id = (*process)->id();
    CHECK(::kill(id, 0) == 0);
  }
  CHECK(::kill(id, 0) != 0);
}

}  // namespace inpaintd::tools
