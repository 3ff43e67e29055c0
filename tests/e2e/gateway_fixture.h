// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "gateway/gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/nats_server.h"

namespace inpaintd::test {

/// A gateway in this process. It is ready when the constructor returns.
class GatewayRun {
 public:
  explicit GatewayRun(const std::string& nats_url, gateway::TaskPlace place = gateway::TaskPlace::automatic,
                      const std::string& inbox_prefix = {});
  ~GatewayRun();

  /// Starts the gateway anew with the present `settings`.
  void restart();

  [[nodiscard]] int port() const { return gateway->port(); }
  /// One request and its answer.
  [[nodiscard]] HttpAnswer ask(const std::string& method, const std::string& target, const std::string& body = "",
                               const HeaderLines& headers = {}) const;
  /// Starts a task with the demo's picture and these fields beside it. Its id; fails the test when it is refused.
  [[nodiscard]] std::string start_task(const std::vector<std::pair<std::string, std::string>>& fields = {}) const;
  /// The status of a task; the number of the HTTP status of an error.
  [[nodiscard]] std::string task_status(const std::string& task) const;
  [[nodiscard]] HttpAnswer post_form(const std::string& target,
                                     const std::vector<std::pair<std::string, std::string>>& fields) const;

  gateway::GatewaySettings settings;
  std::unique_ptr<gateway::Gateway> gateway;
};

struct GatewayNats {
  NatsServer nats{"max_payload: 8MB\n"};
};
/// A gateway in this process, with a nats-server and without workers.
class GatewayFixture : public GatewayNats, public GatewayRun {
 public:
  GatewayFixture() : GatewayRun(nats.url()) {}
};

/// The demo's picture and mask as form fields with these names, and more fields.
std::vector<std::pair<std::string, std::string>> demo_fields(
    const std::string& image = "image", const std::string& mask = "mask",
    const std::vector<std::pair<std::string, std::string>>& more = {});
nlohmann::json json_of(const HttpAnswer& answer);

}  // namespace inpaintd::test
