// SPDX-License-Identifier: Apache-2.0
#include "tools/nats_child.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <regex>
#include <thread>
#include <utility>

namespace inpaintd::tools {
namespace {

constexpr int exec_failed = 127;

Error failure(std::string message) { return {ErrorCode::internal, std::move(message)}; }

Result<int> loopback_port(const std::string& url) {
  std::smatch match;
  const std::regex pattern(R"((?:nats://)?(?:127\.0\.0\.1|localhost)(?::(\d{1,5}))?/?)");
  if (!std::regex_match(url, match, pattern))
    return failure("--start-nats serves this machine only: " + url + " is not a URL on 127.0.0.1");
  return match[1].matched ? std::stoi(match[1]) : 4222;
}

Result<std::string> write_config(int port) {
  char path[] = "/tmp/inpaintd-nats-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) return failure("cannot write to /tmp");
  const std::string text = "host: 127.0.0.1\nport: " + std::to_string(port) +
                           "\nmax_payload: 8MB\nmax_pending: 256MB\nwrite_deadline: \"10s\"\n";
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (!written) return failure("cannot write to /tmp");
  return std::string(path);
}

bool accepts(int port) {
  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(socket_);
  return connected;
}

[[noreturn]] void become_server(const std::string& config_file) {
  setpgid(0, 0);                     // Ctrl-C is for the service, which still has answers to send
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // and the server goes when the service does, however it went
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execlp("nats-server", "nats-server", "-c", config_file.c_str(), "-l", "/dev/null", static_cast<char*>(nullptr));
  _exit(exec_failed);
}

}  // namespace

Result<std::unique_ptr<NatsChild>> NatsChild::start(const std::string& url) {
  const auto port = loopback_port(url);
  if (!port) return port.error();
  if (accepts(*port))
    return failure("port " + std::to_string(*port) +
                   " is taken: a NATS server may be running already; leave out --start-nats, or choose another port");
  auto config_file = write_config(*port);
  if (!config_file) return config_file.error();

  const pid_t pid = fork();
  if (pid < 0) return failure("cannot start a process");
  if (pid == 0) become_server(*config_file);
  std::unique_ptr<NatsChild> child(new NatsChild(pid, *config_file));
  if (Status up = child->wait_until_it_accepts(*port); !up) return up.error();
  return child;
}

Status NatsChild::wait_until_it_accepts(int port) const {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < give_up) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_)
      return failure(WIFEXITED(status) && WEXITSTATUS(status) == exec_failed
                         ? "nats-server is not installed: apt-get install nats-server"
                         : "nats-server ended at once; is port " + std::to_string(port) + " free?");
    if (accepts(port)) return Ok{};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return failure("nats-server does not accept connections on port " + std::to_string(port));
}

NatsChild::~NatsChild() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  unlink(config_file_.c_str());
}

}  // namespace inpaintd::tools
