// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nats_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace inpaintd::test {
namespace {

std::string find_program() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/local/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const std::string file = folder + "/nats-server"; access(file.c_str(), X_OK) == 0) return file;
  throw std::runtime_error("nats-server is not installed, and these tests need it: run tools/setup.sh");
}

/// The text of a file; empty when it is not there.
std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

bool accepts(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool ok = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return ok;
}

/// The port in a ports file of nats-server, {"nats":["nats://127.0.0.1:4222"]}; -1 while it is incomplete.
int port_in(const std::string& ports) {
  const auto end = ports.find("\"]");
  if (end == std::string::npos) return -1;
  return std::atoi(ports.c_str() + ports.rfind(':', end) + 1);
}

}  // namespace

NatsServer::NatsServer(std::string extra_config) : extra_config_(std::move(extra_config)) { start(); }

NatsServer::~NatsServer() { stop(); }

std::string NatsServer::address(const std::string& scheme, const std::string& credentials) const {
  return scheme + "://" + credentials + "127.0.0.1:" + std::to_string(port_);
}

std::string NatsServer::log() const { return contents(directory_.path() / "log"); }

void NatsServer::start() {
  const std::string folder = directory_.path().string();
  const std::string config =
      directory_.write("nats-server.conf", "listen: \"127.0.0.1:" + std::to_string(port_) + "\"\nports_file_dir: \"" +
                                               folder + "\"\n" + extra_config_ + "\n");
  const std::string program = find_program();
  const std::string log_file = folder + "/log";
  const char* const arguments[] = {"nats-server", "-c", config.c_str(), "-l", log_file.c_str(), nullptr};
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("nats-server: fork failed");
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // the parent died before the line above
    const int sink = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(sink, STDERR_FILENO);  // complaints about the configuration come there, not in its log
    dup2(sink, STDOUT_FILENO);
    execv(program.c_str(), const_cast<char* const*>(arguments));
    _exit(127);
  }
  wait_until_it_accepts();
}

void NatsServer::wait_until_it_accepts() {
  const auto ports_file = directory_.path() / ("nats-server_" + std::to_string(process_) + ".ports");
  bool ended = false;
  const bool up = eventually([&] {
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = 0;
      return ended = true;
    }
    if (port_ < 0) port_ = port_in(contents(ports_file));
    return port_ > 0 && accepts(port_);
  });
  if (up && !ended) return;
  stop();
  throw std::runtime_error("nats-server did not start; its log:\n" + log());
}

void NatsServer::stop() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

void NatsServer::restart() {
  stop();
  start();
}

}  // namespace inpaintd::test
