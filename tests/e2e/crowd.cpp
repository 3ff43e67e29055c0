// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/crowd.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "bus/wire/wire.h"

namespace inpaintd::test {

std::string picture_request(const std::string& id, std::chrono::milliseconds timeout) {
  std::vector<std::uint8_t> pixels(64 * 64 * 3);
  std::size_t value = std::hash<std::string>{}(id);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>((value = value * 6364136223846793005u + 1) >> 56);
  Request request;
  request.id = id;
  request.image = RawPixels{64, 64, pixels};
  request.mask = RectMask{{{10, 10, 20, 20}}};
  request.timeout = timeout;
  return wire::encode_request(request);
}

namespace {

/// The kind of a final message; empty for a message that is not final.
std::string end_of(const Message& message) {
  if (message.no_responders()) return "no responders";
  const auto reply = wire::decode_reply(message.data());
  if (!reply) return "no reply of the protocol";
  if (const auto* failed = std::get_if<wire::Failed>(&*reply)) return std::string(info(failed->error.code).name);
  return std::holds_alternative<wire::Done>(*reply) ? "done" : "";
}

}  // namespace

Crowd::Crowd(Connection& client) : client_(client), inbox_(client.new_inbox()) {
  auto subscription = client.subscribe(inbox_ + ".*", "", [state = state_](const Message& message) {
    const std::string how = end_of(message);
    if (how.empty()) return;
    const std::lock_guard lock(state->mutex);
    ++state->ends[how];
    ++state->finals[std::string(message.subject())];
  });
  REQUIRE(subscription);
  subscription_.emplace(std::move(*subscription));
}

void Crowd::send(const std::string& bytes) {
  ++sent_;
  REQUIRE(client_.publish("inpaint.v1.run", as_bytes(bytes), {}, inbox_ + "." + std::to_string(sent_)));
}

int Crowd::ended(const std::string& how) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->ends.find(how);
  return found == state_->ends.end() ? 0 : found->second;
}

int Crowd::answered() const {
  const std::lock_guard lock(state_->mutex);
  int sum = 0;
  for (const auto& [how, count] : state_->ends) sum += count;
  return sum;
}

bool Crowd::each_answered_once() const {
  const std::lock_guard lock(state_->mutex);
  const auto once = [](const auto& each) { return each.second == 1; };
  return static_cast<int>(state_->finals.size()) == sent_ &&
         std::all_of(state_->finals.begin(), state_->finals.end(), once);
}

bool Crowd::any_answered_twice() const {
  const std::lock_guard lock(state_->mutex);
  return std::any_of(state_->finals.begin(), state_->finals.end(), [](const auto& each) { return each.second > 1; });
}

}  // namespace inpaintd::test
