// SPDX-License-Identifier: Apache-2.0
#include "bus/call.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace inpaintd {
namespace {

/// Names the inboxes as permissions name them: the last part of an inbox is different each time.
std::string inbox_denied(const std::string& inbox) {
  return fmt::format(
      "the NATS server's permissions forbid this user to subscribe to `{}.>`, where answers arrive; extend "
      "the permissions, or use an inbox prefix that they allow (--inbox-prefix)",
      inbox.substr(0, inbox.rfind('.')));
}

}  // namespace

struct Call::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Message> messages;
  std::string denied;

  void put(Message message) {
    const std::lock_guard lock(mutex);
    messages.push_back(std::move(message));
    changed.notify_one();
  }
  void deny(std::string why) {
    const std::lock_guard lock(mutex);
    denied = std::move(why);
    changed.notify_one();
  }
};

Call::Call(std::shared_ptr<State> state, std::shared_ptr<void> watch, Subscription subscription)
    : state_(std::move(state)), watch_(std::move(watch)), subscription_(std::move(subscription)) {}
Call::Call(Call&&) noexcept = default;
Call::~Call() = default;

Result<Call> Call::start(Connection& connection, const std::string& subject, Bytes data, const Headers& headers) {
  auto state = std::make_shared<State>();
  const std::string inbox = connection.new_inbox();
  auto watch = connection.watch_denials([state, subject, inbox](const Denial& denial) {
    using Operation = Denial::Operation;
    if (denial == Denial{Operation::subscribe, inbox}) state->deny(inbox_denied(inbox));
    if (denial.operation == Operation::connect || denial == Denial{Operation::publish, subject} ||
        denial == Denial{Operation::publish, inbox})
      state->deny(denial.message());
  });
  auto subscription = connection.subscribe(inbox, "", [state](Message message) { state->put(std::move(message)); });
  if (!subscription) return subscription.error();
  if (Status sent = connection.publish(subject, data, headers, inbox); !sent) return sent.error();
  return Call(std::move(state), std::move(watch), std::move(*subscription));
}

Result<std::optional<Message>> Call::next(std::chrono::milliseconds wait) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, wait, [this] { return !state_->messages.empty() || !state_->denied.empty(); });
  if (!state_->denied.empty()) return Error{ErrorCode::internal, state_->denied};
  if (state_->messages.empty()) return std::optional<Message>();
  Message message = std::move(state_->messages.front());
  state_->messages.pop_front();
  return std::optional(std::move(message));
}

}  // namespace inpaintd
