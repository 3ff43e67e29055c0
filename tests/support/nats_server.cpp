// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nats_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/support/eventually.h"
#include "tools/shared/loopback.h"

namespace inpaintd::test {
namespace {

std::string find_program() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(fmt::format("{}:/usr/sbin:/usr/local/bin", path == nullptr ? "" : path));
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const std::string file = folder + "/nats-server"; access(file.c_str(), X_OK) == 0) return file;
  throw std::runtime_error("nats-server, which these tests need, is not installed; run tools/setup.sh");
}

/// A port in a ports file of nats-server, {"nats":["nats://127.0.0.1:4222"],"cluster":[...]}; -1 when it is missing.
int port_in(const std::string& ports, const std::string& what) {
  const auto start = ports.find("\"" + what + "\":[\"");
  const auto end = ports.find("\"]", start);
  if (start == std::string::npos || end == std::string::npos) return -1;
  return std::atoi(ports.c_str() + ports.rfind(':', end) + 1);
}

}  // namespace

NatsServer::NatsServer(std::string extra_config) : extra_config_(std::move(extra_config)) { start(); }

NatsServer::~NatsServer() { stop(); }

std::string NatsServer::address(const std::string& scheme, const std::string& credentials) const {
  return fmt::format("{}://{}127.0.0.1:{}", scheme, credentials, port());
}

std::string NatsServer::log() const { return contents(directory_ / "log"); }

void NatsServer::start() {
  const std::string config =
      directory_.write("nats-server.conf", fmt::format("listen: \"127.0.0.1:{}\"\nports_file_dir: \"{}\"\n{}\n", port(),
                                                       directory_.path().string(), extra_config_));
  const std::string log_file = directory_ / "log";
  // The server prints errors of the configuration on its outputs, not in its log.
  process_ = start_process({find_program(), "-c", config, "-l", log_file}, log_file);
  wait_until_it_accepts();
}

void NatsServer::wait_until_it_accepts() {
  const std::string ports_file = directory_ / fmt::format("nats-server_{}.ports", process_->id());
  const bool known = eventually([&] {
    if (process_->ended()) return true;
    if (cluster_port_ < 0) cluster_port_ = port_in(contents(ports_file), "cluster");
    const bool has_cluster = extra_config_.find("cluster") != std::string::npos;
    return (cluster_port_ > 0 || !has_cluster) && tools::accepts_connections(port());
  });
  if (known && !process_->ended()) return;
  stop();
  throw std::runtime_error("nats-server did not start; its log:\n" + log());
}

void NatsServer::stop() { process_.reset(); }

void NatsServer::restart() {
  stop();
  start();
}

NatsCluster::NatsCluster(std::size_t servers) {
  std::vector<std::string> routes;
  for (std::size_t i = 0; i < servers; ++i) {
    servers_.push_back(std::make_unique<NatsServer>(
        fmt::format("server_name: s{}\ncluster {{ name: test, listen: \"127.0.0.1:-1\", routes: [{}] }}", i,
                    fmt::join(routes, ", "))));
    routes.push_back(fmt::format("\"nats://127.0.0.1:{}\"", servers_.back()->cluster_port()));
  }
}

std::string NatsCluster::urls() const {
  std::vector<std::string> urls;
  for (const auto& each : servers_) urls.push_back(each->url());
  return fmt::format("{}", fmt::join(urls, ","));
}

}  // namespace inpaintd::test
