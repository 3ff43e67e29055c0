// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/child_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

namespace inpaintd::tools {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

[[noreturn]] void become(char* const* arguments, const char* output_file) {
  setpgid(0, 0);                     // Ctrl-C reaches a terminal's whole group
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // and it goes when we do, however we went
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int output = open(output_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(ChildProcess::exec_failed);
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::vector<std::string>& arguments,
                                                          const std::string& output_file) {
  std::vector<char*> raw;  // made before the fork: afterwards nothing may allocate
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return Error{ErrorCode::internal, "cannot start a process"};
  if (pid == 0) become(raw.data(), output_file.c_str());
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid));
}

std::optional<int> ChildProcess::exit_code() {
  int status = 0;
  if (!exit_code_ && waitpid(pid_, &status, WNOHANG) == pid_)
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

ChildProcess::~ChildProcess() {
  if (exit_code()) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

Result<int> free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(listener);
  if (!bound) return Error{ErrorCode::internal, "no free port on 127.0.0.1"};
  return static_cast<int>(ntohs(address.sin_port));
}

bool accepts_connections(int port) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(client);
  return connected;
}

}  // namespace inpaintd::tools
