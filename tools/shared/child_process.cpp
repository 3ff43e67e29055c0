// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace inpaintd::tools {
namespace {

/// The part of the child between fork and exec. It must not allocate memory.
[[noreturn]] void run(char* const* arguments, const char* output_file, int end_signal, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, end_signal);
  if (getppid() != parent) _exit(ChildProcess::exec_failed);  // the parent died before the line above
  // The handlers of the parent must not catch a signal that is sent to the child before exec.
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int output =
      *output_file == '\0' ? STDERR_FILENO : open(output_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(ChildProcess::exec_failed);
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::vector<std::string>& arguments,
                                                          const std::filesystem::path& output_file, int end_signal) {
  std::vector<char*> raw;
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const pid_t parent = getpid();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the child unblocks signals when it is ready for them
  const pid_t id = fork();
  if (id == 0) run(raw.data(), output_file.c_str(), end_signal, parent);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (id < 0)
    return Error{ErrorCode::internal,
                 "the system cannot start another process; check the limits of processes and memory"};
  return std::unique_ptr<ChildProcess>(new ChildProcess(id, end_signal));
}

void ChildProcess::signal(int number) const {
  if (!exit_code_) ::kill(id_, number);
}

std::optional<int> ChildProcess::ended() {
  int status = 0;
  if (!exit_code_ && waitpid(id_, &status, WNOHANG) == id_) exit_code_ = exit_code_of(status);
  return exit_code_;
}

void ChildProcess::end(int signal_number) {
  if (ended()) return;
  signal(signal_number);
  int status = 0;
  if (waitpid(id_, &status, 0) == id_) exit_code_ = exit_code_of(status);
}

}  // namespace inpaintd::tools
