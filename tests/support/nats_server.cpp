// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nats_server.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/loopback.h"

namespace inpaintd::test {
namespace {

std::string find_program() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/local/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const std::string file = folder + "/nats-server"; access(file.c_str(), X_OK) == 0) return file;
  throw std::runtime_error("nats-server is not installed, and these tests need it: run tools/setup.sh");
}

bool accepts(int port) {
  const int fd = connect_to_loopback(port);
  return fd >= 0 && close(fd) == 0;
}

/// A port in a ports file of nats-server, {"nats":["nats://127.0.0.1:4222"],"cluster":[...]}; -1 when it is not there.
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
  return scheme + "://" + credentials + "127.0.0.1:" + std::to_string(port());
}

std::string NatsServer::log() const { return contents(directory_.path() / "log"); }

void NatsServer::start() {
  const std::string folder = directory_.path().string();
  const std::string config =
      directory_.write("nats-server.conf", "listen: \"127.0.0.1:" + std::to_string(port()) + "\"\nports_file_dir: \"" +
                                               folder + "\"\n" + extra_config_ + "\n");
  const std::string log_file = folder + "/log";
  // Complaints about the configuration come to its outputs, not in its log.
  process_ =
      std::make_unique<ChildProcess>(std::vector<std::string>{find_program(), "-c", config, "-l", log_file}, log_file);
  wait_until_it_accepts();
}

void NatsServer::wait_until_it_accepts() {
  const auto ports_file = directory_.path() / ("nats-server_" + std::to_string(process_->id()) + ".ports");
  const bool settled = eventually([&] {
    if (process_->ended()) return true;
    if (cluster_port_ < 0) cluster_port_ = port_in(contents(ports_file), "cluster");
    const bool has_cluster = extra_config_.find("cluster") != std::string::npos;
    return (cluster_port_ > 0 || !has_cluster) && accepts(port());
  });
  if (settled && !process_->ended()) return;
  stop();
  throw std::runtime_error("nats-server did not start; its log:\n" + log());
}

void NatsServer::stop() { process_.reset(); }

void NatsServer::restart() {
  stop();
  start();
}

NatsCluster::NatsCluster(std::size_t servers) {
  std::string routes;
  for (std::size_t i = 0; i < servers; ++i) {
    servers_.push_back(std::make_unique<NatsServer>("server_name: s" + std::to_string(i) +
                                                    "\ncluster { name: test, listen: \"127.0.0.1:-1\", routes: [" +
                                                    routes + "] }"));
    routes.append(routes.empty() ? "" : ", ")
        .append("\"nats://127.0.0.1:" + std::to_string(servers_.back()->cluster_port()) + "\"");
  }
}

std::string NatsCluster::urls() const {
  std::string list;
  for (const auto& each : servers_) list.append(list.empty() ? "" : ",").append(each->url());
  return list;
}

}  // namespace inpaintd::test
