// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "actors/service.h"
#include "bus/connection.h"
#include "bus/wire/wire.h"
#include "tests/support/nats_server.h"

namespace inpaintd::test {

/// A service as in `inpaintd`, a nats-server, and a client that sends bytes.
class ServiceFixture {
 public:
  /// Starts the service with the null engine on the CPU. Tests may change `config` and call `restart`.
  ServiceFixture();
  ~ServiceFixture();

  void restart();
  /// Ends service and client. A derived fixture calls this before its own NATS server ends; otherwise both would wait
  /// for the server to come back.
  void end();

  /// Sends bytes to `inpaint.v1.<subject>`, and returns the decoded reply. Fails the test when no reply arrives.
  wire::Reply ask(const std::string& bytes, const std::string& subject = "run");
  /// Sends a request that must be refused, and returns the error.
  Error refusal(const std::string& bytes);
  /// Sends a request that must succeed, and returns the reply, whose bytes live as long as the fixture.
  wire::Done picture(const std::string& bytes, const std::string& subject = "run");
  /// Checks that a small request succeeds.
  void check_alive();

  /// A 16x16 grey raw picture with one 4x4 hole, as request bytes.
  static std::string small_request(const std::string& id = "");

  NatsServer nats;
  Config config;
  std::unique_ptr<Service> service;
  std::unique_ptr<Connection> client;

 private:
  std::vector<Message> kept_;
};

/// Encodes msgpack without the code under test.
namespace pack {

std::string map(std::size_t entries);
std::string text(const std::string& value);
std::string bin(const std::string& value);
std::string integer(int value);

}  // namespace pack

}  // namespace inpaintd::test
