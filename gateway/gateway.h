// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "bus/connection.h"
#include "core/result.h"
#include "gateway/access.h"
#include "gateway/api.h"
#include "gateway/tasks/all_tasks.h"
#include "gateway/tasks/requester.h"
#include "http/server.h"

namespace inpaintd::gateway {

/// Every setting of a gateway; the initializers, here and in the parts, are the defaults.
struct GatewaySettings {
  std::string listen = "127.0.0.1:8080";  ///< numeric HOST:PORT
  ConnectionOptions nats;
  std::string prefix = "inpaint";  ///< first part of the service's subjects
  std::string page;                ///< a folder that is served in place of the page inside the program
  AccessSettings access;
  HttpLimits limits;
  ApiSettings api;
  TasksSettings tasks;
  TaskPlace task_place = TaskPlace::automatic;
  RequesterSettings requester;
  std::chrono::milliseconds drain_timeout{30'000};  ///< how long open tasks may take at the end
};

/// A running gateway: HTTP on one side, an ordinary NATS client on the other.
class Gateway {
 public:
  /// Listens and connects; a NATS server that is not there yet is waited for. Errors: internal, in words.
  static Result<std::unique_ptr<Gateway>> start(const GatewaySettings& settings, RetryPolicy retry,
                                                const std::string& version);
  ~Gateway();

  [[nodiscard]] int port() const;
  /// True when the NATS server has refused the gateway for good.
  [[nodiscard]] bool given_up() const;
  /// Whether a worker answers within `timeout`. Blocks.
  [[nodiscard]] bool worker_answers(std::chrono::milliseconds timeout) const;

  /// Refuses new tasks, waits until the open ones have ended or drain_timeout is over, ends all event streams with a
  /// last event, and stops listening. Returns the number of tasks that did not end. Tasks in JetStream are not waited
  /// for: other gateways go on with them.
  std::size_t drain();

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inpaintd::gateway
