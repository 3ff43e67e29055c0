// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/reserved_port.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

/// A private nats-server on a port of 127.0.0.1 that is its own, up as soon as the constructor returns. It goes, with
/// its files, when the object goes; also when the test program dies.
class NatsServer {
 public:
  /// `extra_config` is appended to its configuration file: `max_payload: 8MB`, `authorization { ... }`, ...
  /// Throws std::runtime_error that says why when it does not come up, or is not installed.
  explicit NatsServer(std::string extra_config = {});
  ~NatsServer();
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  /// Kills it without warning, as a crash would.
  void stop();
  /// Stops it if need be, and starts it again on the same port.
  void restart();

  [[nodiscard]] int port() const { return port_.number(); }
  /// Where the other servers of a cluster connect; -1 when `extra_config` has no `cluster`.
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
  int cluster_port_ = -1;  // the server chooses
  std::unique_ptr<ChildProcess> process_;
};

/// Several nats-servers that are one cluster; each knows the address of every other, so that any may go.
class NatsCluster {
 public:
  explicit NatsCluster(std::size_t servers);

  NatsServer& operator[](std::size_t index) { return *servers_.at(index); }
  /// All servers, for ConnectionOptions::url.
  [[nodiscard]] std::string urls() const;

 private:
  std::vector<std::unique_ptr<NatsServer>> servers_;
};

}  // namespace inpaintd::test
