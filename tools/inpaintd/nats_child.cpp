// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaintd/nats_child.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <regex>
#include <thread>
#include <utility>

#include "core/server_url.h"
#include "tools/shared/loopback.h"

namespace inpaintd::tools {
namespace {

constexpr const char* unwritable = "no file can be written to /tmp; check its permissions and free space";

Error failure(std::string message) { return {ErrorCode::internal, std::move(message)}; }

Result<int> loopback_port(const std::string& url) {
  std::smatch match;
  const std::regex pattern(R"((?:nats://)?(?:127\.0\.0\.1|localhost)(?::(\d{1,5}))?/?)");
  if (!std::regex_match(url, match, pattern))
    return failure(fmt::format(
        "--start-nats serves only this machine, and {} is not a URL of 127.0.0.1; correct nats.url, or leave "
        "out --start-nats",
        shown_servers(url)));
  return match[1].matched ? std::stoi(match[1]) : 4222;
}

Result<std::string> write_config(int port) {
  char path[] = "/tmp/inpaintd-nats-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) return failure(unwritable);
  const std::string text =
      fmt::format("host: 127.0.0.1\nport: {}\nmax_payload: 8MB\nmax_pending: 256MB\nwrite_deadline: \"10s\"\n", port);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (!written) return failure(unwritable);
  return std::string(path);
}

}  // namespace

Result<std::unique_ptr<NatsChild>> NatsChild::start(const std::string& url) {
  const auto port = loopback_port(url);
  if (!port) return port.error();
  if (accepts_connections(*port))
    return failure(
        fmt::format("port {} is taken, perhaps by another NATS server; leave out --start-nats to use that server, or "
                    "choose another port with --server",
                    *port));
  auto config_file = write_config(*port);
  if (!config_file) return config_file.error();

  auto server = ChildProcess::start({"nats-server", "-c", *config_file, "-l", "/dev/null"}, "/dev/null");
  if (!server) return server.error();
  std::unique_ptr<NatsChild> child(new NatsChild(std::move(*server), *config_file));
  if (Status up = child->wait_until_it_accepts(*port); !up) return up.error();
  return child;
}

Status NatsChild::wait_until_it_accepts(int port) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < give_up) {
    if (const auto exit_code = server_->ended())
      return failure(*exit_code == ChildProcess::exec_failed
                         ? "nats-server is not installed; install the Debian package nats-server"
                         : fmt::format("nats-server ended at once; check that port {} is free", port));
    if (accepts_connections(port)) return Ok{};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return failure(fmt::format(
      "nats-server did not accept connections on port {} within 10 s; try again when the machine is less busy", port));
}

NatsChild::~NatsChild() {
  server_ = nullptr;
  unlink(config_file_.c_str());
}

}  // namespace inpaintd::tools
