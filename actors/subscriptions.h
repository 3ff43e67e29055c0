// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/gate.h"
#include "bus/connection.h"
#include "bus/discovery.h"
#include "config/config.h"
#include "core/result.h"

namespace inpaintd {

/// The NATS subscriptions of a service: requests, cancels and service discovery. Errors of the functions are those of
/// `Connection::subscribe` and `Connection::confirm_subscription`.
class Subscriptions {
 public:
  using EndpointStats = std::function<discovery::EndpointStats()>;

  Subscriptions(std::shared_ptr<Connection> connection, Config::Nats settings)
      : connection_(std::move(connection)), settings_(std::move(settings)) {}

  /// Passes requests and cancels to `gate`. While connected, waits until the NATS server has accepted the
  /// subscriptions. Handlers hold no strong handle to the gate, because the NATS library may call a handler once more
  /// after its subscription has ended, and the gate holds actors.
  Status subscribe_requests(const std::weak_ptr<Gate>& gate);

  /// Answers the questions of service discovery, for the instance `id` of a service that runs `version`.
  Status subscribe_discovery(const std::string& id, const std::string& version, const EndpointStats& stats);

  /// Lets the handlers take in the messages that have arrived, and then ends the subscriptions. Waits at most
  /// `timeout`.
  void drain(std::chrono::milliseconds timeout);

  /// Ends all subscriptions.
  void clear() { subscriptions_->clear(); }

  /// Shared with monitoring; complete once the functions above have returned.
  [[nodiscard]] std::shared_ptr<const std::vector<Subscription>> list() const { return subscriptions_; }

 private:
  Status subscribe(const std::string& subject, const std::string& group, Connection::Handler handler);
  Status answer(const std::string& subject, const std::function<std::string()>& make);

  const std::shared_ptr<Connection> connection_;
  const Config::Nats settings_;
  const std::shared_ptr<std::vector<Subscription>> subscriptions_ = std::make_shared<std::vector<Subscription>>();
};

}  // namespace inpaintd
