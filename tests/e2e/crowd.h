// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "bus/connection.h"

namespace inpaintd::test {

/// A request for a 64x64 raw picture with one hole; pictures of different ids differ in every pixel.
std::string picture_request(const std::string& id, std::chrono::milliseconds timeout = std::chrono::seconds(60));

/// Sends many requests, each with an inbox of its own, and counts the final messages that come back.
class Crowd {
 public:
  explicit Crowd(Connection& client);

  void send(const std::string& bytes);

  [[nodiscard]] int sent() const { return sent_; }
  /// The number of requests without a final message so far.
  [[nodiscard]] int open() const { return sent_ - answered(); }
  /// The number of final messages of one kind: "done", the name of an error code, or "no responders", which the NATS
  /// server sends.
  [[nodiscard]] int ended(const std::string& how) const;
  [[nodiscard]] int answered() const;
  /// True when every request has exactly one final message.
  [[nodiscard]] bool each_answered_once() const;
  [[nodiscard]] bool any_answered_twice() const;

 private:
  struct State {
    std::mutex mutex;
    std::map<std::string, int> ends;
    std::map<std::string, int> finals;  // by inbox
  };
  Connection& client_;
  const std::string inbox_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::optional<Subscription> subscription_;
  int sent_ = 0;
};

}  // namespace inpaintd::test
