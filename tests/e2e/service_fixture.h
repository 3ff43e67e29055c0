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

/// A service as `inpaintd` runs it, a nats-server, and a client that speaks bytes.
class ServiceFixture {
 public:
  /// The null engine on the CPU, unless the test changes `config` and calls `restart`.
  ServiceFixture();
  ~ServiceFixture();

  void restart();

  /// Sends bytes to `inpaint.v1.<subject>`; the one reply, read. Fails the test when there is none.
  wire::Reply ask(const std::string& bytes, const std::string& subject = "run");
  /// The error that must come back.
  Error refusal(const std::string& bytes);
  /// The picture that must come back; its bytes are kept until the next call.
  wire::Done picture(const std::string& bytes, const std::string& subject = "run");
  /// A small request that must work: the service is alive and well.
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

/// msgpack by hand: the tests must not trust the code that they test.
namespace pack {

std::string map(std::size_t entries);
std::string text(const std::string& value);
std::string bin(const std::string& value);
std::string integer(int value);

}  // namespace pack

}  // namespace inpaintd::test
