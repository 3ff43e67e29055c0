// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/reserved_port.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

/// A private nats-server on a reserved port of 127.0.0.1. It accepts connections when the constructor returns. It ends,
/// and its files are removed, at the end of the object; it also ends when the test program dies.
class NatsServer {
 public:
  /// `extra_config` is appended to the configuration file: `max_payload: 8MB`, `authorization { ... }`, ...
  /// Throws std::runtime_error with the cause when the server is not installed or does not start.
  explicit NatsServer(std::string extra_config = {});
  ~NatsServer();
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  /// Kills the server without warning, as a crash would.
  void stop();
  /// Stops the server if it runs, and starts it again on the same port.
  void restart();

  [[nodiscard]] int port() const { return port_.number(); }
  /// The port for the other servers of a cluster; -1 when `extra_config` has no `cluster`.
  [[nodiscard]] int cluster_port() const { return cluster_port_; }
  [[nodiscard]] std::string url() const { return address("nats"); }
  /// The URL with another scheme, or with credentials: address("nats", "user:password@").
  [[nodiscard]] std::string address(const std::string& scheme, const std::string& credentials = {}) const;

 private:
  void start();
  void wait_until_it_accepts();
  [[nodiscard]] std::string log() const;

  TemporaryDirectory directory_;
  std::string extra_config_;
  const ReservedPort port_;
  int cluster_port_ = -1;  // chosen by the server
  std::unique_ptr<ChildProcess> process_;
};

/// A nats-server with JetStream.
struct JetStreamServer {
  explicit JetStreamServer(const std::string& extra_config = {})
      : server("jetstream { store_dir: \"" + directory.path().string() + "\" }\n" + extra_config) {}

  TemporaryDirectory directory;  ///< of the streams
  NatsServer server;
};

/// Several nats-servers that form one cluster. Every server learns the addresses of all others, so that clients survive
/// the end of any server.
class NatsCluster {
 public:
  explicit NatsCluster(std::size_t servers);

  NatsServer& operator[](std::size_t index) { return *servers_.at(index); }
  /// The URLs of all servers, separated by commas, for ConnectionOptions::url.
  [[nodiscard]] std::string urls() const;

 private:
  std::vector<std::unique_ptr<NatsServer>> servers_;
};

}  // namespace inpaintd::test
