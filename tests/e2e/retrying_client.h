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

/// A client as docs/protocol.md wants it, many requests at a time: what gets no answer, or a retryable error, it sends
/// again until it has a picture. Nothing happens by itself: the test calls `pump`.
class RetryingClient {
 public:
  /// `patience`: how long it waits for an answer before it asks again.
  RetryingClient(const std::string& servers, std::size_t at_a_time,
                 std::chrono::milliseconds patience = std::chrono::seconds(1));

  /// Takes the answers that came, sends what has to be sent again, and new requests while fewer than `at_a_time` wait.
  void pump();
  /// From now on `pump` sends no new requests.
  void stop() { stopped_ = true; }

  [[nodiscard]] int sent() const { return sent_; }  ///< requests, each counted once
  [[nodiscard]] int done() const { return done_; }
  [[nodiscard]] int retries() const { return retries_; }
  /// True when all that was asked is done.
  [[nodiscard]] bool finished() const { return stopped_ && open_.empty(); }
  /// Attempts that got more than one final message. There must be none, ever.
  [[nodiscard]] int answered_twice() const;
  /// The first error that another attempt cannot mend; empty when there was none.
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
    std::map<std::string, int> finals;      // by inbox: one for each attempt
    std::map<std::string, Answer> answers;  // the first of them
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

}  // namespace inpaintd::test
