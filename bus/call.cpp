// SPDX-License-Identifier: Apache-2.0
#include "bus/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

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
  explicit State(std::string inbox) : inbox(std::move(inbox)) {}

  const std::string inbox;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Message> messages;
  std::vector<std::string> subjects;  ///< of the published messages
  std::string denied;

  void put(Message message) {
    const std::lock_guard lock(mutex);
    messages.push_back(std::move(message));
    changed.notify_one();
  }
  void look_at(const Denial& denial) {
    using Operation = Denial::Operation;
    const std::lock_guard lock(mutex);
    if (denial == Denial{Operation::subscribe, inbox})
      denied = inbox_denied(inbox);
    else if (denial.operation == Operation::connect || denial == Denial{Operation::publish, inbox} ||
             (denial.operation == Operation::publish && std::ranges::count(subjects, denial.subject) > 0))
      denied = denial.message();
    changed.notify_one();
  }
};

Call::Call(Connection& connection, std::shared_ptr<State> state, std::shared_ptr<void> watch, Subscription subscription)
    : connection_(&connection),
      state_(std::move(state)),
      watch_(std::move(watch)),
      subscription_(std::move(subscription)) {}
Call::Call(Call&&) noexcept = default;
Call::~Call() = default;

Result<Call> Call::start(Connection& connection, const std::string& subject, Bytes data, const Headers& headers) {
  auto state = std::make_shared<State>(connection.new_inbox());
  auto watch = connection.watch_denials([state](const Denial& denial) { state->look_at(denial); });
  auto subscription =
      connection.subscribe(state->inbox, "", [state](Message message) { state->put(std::move(message)); });
  if (!subscription) return subscription.error();
  Call call(connection, std::move(state), std::move(watch), std::move(*subscription));
  if (Status sent = call.publish(subject, data, headers); !sent) return sent.error();
  return call;
}

Status Call::publish(const std::string& subject, Bytes data, const Headers& headers) {
  {
    const std::lock_guard lock(state_->mutex);
    if (std::ranges::count(state_->subjects, subject) == 0) state_->subjects.push_back(subject);
  }
  return connection_->publish(subject, data, headers, state_->inbox);
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
