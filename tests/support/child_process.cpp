// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace inpaintd::test {

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log_file) {
  std::vector<char*> arguments;  // before the fork: afterwards nothing may be allocated
  for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  id_ = fork();
  if (id_ < 0) throw std::runtime_error(command.front() + ": fork failed");
  if (id_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  const int sink = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(sink, STDERR_FILENO);
  dup2(sink, STDOUT_FILENO);
  execv(arguments.front(), arguments.data());
  _exit(127);
}

ChildProcess::~ChildProcess() { kill(); }

void ChildProcess::signal(int number) const {
  if (!ended_) ::kill(id_, number);
}

void ChildProcess::kill() {
  if (ended_) return;
  ::kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
  ended_ = 128 + SIGKILL;
}

std::optional<int> ChildProcess::ended() {
  int status = 0;
  if (!ended_ && waitpid(id_, &status, WNOHANG) == id_)
    ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended_;
}

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace inpaintd::test
