// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/retrying_client.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "bus/wire/wire.h"
#include "tests/e2e/crowd.h"
#include "tests/support/client_connection.h"
#include "tests/support/eventually.h"

namespace inpaintd::test {

RetryingClient::RetryingClient(const std::string& servers, std::size_t at_a_time, std::chrono::milliseconds patience)
    : at_a_time_(at_a_time), patience_(patience) {
  connection_ = connect_to(servers);
  inbox_ = connection_->new_inbox();
  auto subscription =
      connection_->subscribe(inbox_ + ".*", "", [state = state_](const Message& message) { receive(*state, message); });
  REQUIRE(subscription);
  subscription_.emplace(std::move(*subscription));
}

void RetryingClient::receive(State& state, const Message& message) {
  Answer answer = Answer::none;
  std::string failure;
  if (message.no_responders()) {  // sent by the NATS server, so not a final message of the protocol
    const std::lock_guard lock(state.mutex);
    state.answers.emplace(message.subject(), Answer::again);
    return;
  }
  const auto reply = wire::decode_reply(message.data());
  if (!reply) {
    answer = Answer::failed;
    failure = reply.error().message;
  } else if (std::holds_alternative<wire::Done>(*reply)) {
    answer = Answer::done;
  } else if (const auto* failed = std::get_if<wire::Failed>(&*reply)) {
    answer = info(failed->error.code).retryable ? Answer::again : Answer::failed;
    failure = failed->error.message;
  }
  const std::lock_guard lock(state.mutex);
  ++state.finals[std::string(message.subject())];
  state.answers.emplace(message.subject(), answer);
  if (answer == Answer::failed) state.failure = failure;
}

void RetryingClient::pump() {
  for (auto each = open_.begin(); each != open_.end();) {
    auto& [request, open] = *each;
    const Answer answer = take(inbox(request, open.attempt));
    if (answer == Answer::done) ++done_;
    if (answer == Answer::done || answer == Answer::failed) {
      each = open_.erase(each);
      continue;
    }
    const auto waited = Clock::now() - open.sent_at;
    // After a retryable error the client waits for a moment, so that retries do not flood the service.
    if (waited >= (answer == Answer::again ? std::chrono::milliseconds(20) : patience_)) {
      ++open.attempt;
      ++retries_;
      ask(request, open);
    }
    ++each;
  }
  while (!stopped_ && open_.size() < at_a_time_) {
    ++sent_;
    ask(sent_, open_[sent_]);
  }
}

RetryingClient::Answer RetryingClient::take(const std::string& inbox) {
  const std::lock_guard lock(state_->mutex);
  if (failure_.empty()) failure_ = state_->failure;
  const auto found = state_->answers.find(inbox);
  return found == state_->answers.end() ? Answer::none : found->second;
}

void RetryingClient::ask(int request, Open& open) {
  open.sent_at = Clock::now();
  const std::string bytes = picture_request("r" + std::to_string(request));
  // Publishing may fail without a connection; the request then gets no answer, and the next attempt follows.
  (void)connection_->publish("inpaint.v1.run", as_bytes(bytes), {}, inbox(request, open.attempt));
}

std::string RetryingClient::inbox(int request, int attempt) const {
  return inbox_ + "." + std::to_string(request) + "_" + std::to_string(attempt);
}

int RetryingClient::answered_twice() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(
      std::count_if(state_->finals.begin(), state_->finals.end(), [](const auto& each) { return each.second > 1; }));
}

bool pump_until_done(RetryingClient& client, int count) {
  return eventually([&] {
    client.pump();
    return client.done() >= count;
  });
}

void check_nothing_lost(RetryingClient& client) {
  client.stop();
  CHECK(eventually([&] {
    client.pump();
    return client.finished();
  }));
  CHECK(client.done() == client.sent());
  CHECK(client.failure() == "");
  CHECK(client.answered_twice() == 0);
}

}  // namespace inpaintd::test
