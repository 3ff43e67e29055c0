// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "bus/connection.h"

namespace inpaintd::test {

/// A client with many requests at a time that follows docs/protocol.md: it sends a request again after a retryable
/// error or without an answer, until it has a picture. Works only while the test calls `pump`.
class RetryingClient {
 public:
  /// `patience`: the time after which an unanswered request is sent again.
  RetryingClient(const std::string& servers, std::size_t at_a_time,
                 std::chrono::milliseconds patience = std::chrono::seconds(1));

  /// Handles the answers so far, sends due retries, and sends new requests while fewer than `at_a_time` are open.
  void pump();
  /// Ends the sending of new requests.
  void stop() { stopped_ = true; }

  [[nodiscard]] int sent() const { return sent_; }  ///< requests, each counted once
  [[nodiscard]] int done() const { return done_; }
  [[nodiscard]] int retries() const { return retries_; }
  /// True after stop() when no request is open.
  [[nodiscard]] bool finished() const { return stopped_ && open_.empty(); }
  /// The number of attempts with more than one final message, which must be 0.
  [[nodiscard]] int answered_twice() const;
  /// The first error that is not retryable; empty if there was none.
  [[nodiscard]] std::string failure() const { return failure_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Open {
    int attempt = 1;
    Clock::time_point sent_at;
  };
  enum class Answer { none, done, again, failed };
  struct State {
    std::mutex mutex;
    std::map<std::string, int> finals;      // by the inbox of the attempt
    std::map<std::string, Answer> answers;  // the first answer of each attempt
    std::string failure;
  };

  void ask(int request, Open& open);
  [[nodiscard]] std::string inbox(int request, int attempt) const;
  Answer take(const std::string& inbox);
  static void receive(State& state, const Message& message);

  const std::size_t at_a_time_;
  const std::chrono::milliseconds patience_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::unique_ptr<Connection> connection_;
  std::string inbox_;
  std::optional<Subscription> subscription_;
  std::map<int, Open> open_;
  std::string failure_;
  int sent_ = 0, done_ = 0, retries_ = 0;
  bool stopped_ = false;
};

/// Pumps until `count` requests are done. Returns false when it takes too long.
bool pump_until_done(RetryingClient& client, int count);
/// Stops the client, pumps until no request is open, and checks that each request is done and that no attempt had more
/// than one final message.
void check_nothing_lost(RetryingClient& client);

}  // namespace inpaintd::test
