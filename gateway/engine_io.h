// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "http/event_loop.h"
#include "http/message.h"

namespace inpaintd::gateway {

/// As much of Engine.IO 4 (long polling) and Socket.IO as keeps IOPaint's page quiet: a session opens, connects, and is
/// asked for a sign of life every 25 seconds. No event is ever sent, because LaMa has no progress. At most 1024
/// sessions are known; the oldest is forgotten, and its client opens another one.
class EngineIo {
 public:
  explicit EngineIo(Loop& loop) : loop_(loop) {}

  /// `GET /socket.io/`: opens a session, or waits for a message.
  void poll(const HttpExchangePtr& exchange);
  /// `POST /socket.io/`: takes messages.
  void post(const HttpExchangePtr& exchange);

 private:
  Loop& loop_;
  std::unordered_map<std::string, bool> sessions_;  // by id: true once the client knows that it is connected
  std::list<std::string> oldest_first_;
};

}  // namespace inpaintd::gateway
