// SPDX-License-Identifier: Apache-2.0
#include "actors/subscriptions.h"

#include <algorithm>
#include <span>
#include <utility>

#include "bus/subjects.h"

namespace inpaintd {
namespace {

constexpr std::chrono::seconds confirm_timeout{10};

}  // namespace

Status Subscriptions::subscribe_requests(const std::weak_ptr<Gate>& gate) {
  for (const Priority priority : {Priority::normal, Priority::high, Priority::low}) {
    const auto handler = [gate, priority](Message message) {
      if (const auto open = gate.lock()) open->request(priority, std::move(message));
    };
    const std::string subject = run_subject(settings_.prefix, priority);
    if (Status added = subscribe(subject, settings_.queue_group, handler); !added) return added;
    if (!connection_->connected()) continue;
    if (Status confirmed = connection_->confirm_subscription(subject, confirm_timeout); !confirmed) return confirmed;
  }
  return subscribe(cancel_subject(settings_.prefix), "", [gate](const Message& message) {
    if (const auto open = gate.lock()) open->cancel(message);
  });
}

Status Subscriptions::subscribe_discovery(const std::string& id, const std::string& version,
                                          const EndpointStats& stats) {
  using discovery::Verb;
  const discovery::ServiceInfo service{
      settings_.name,          id, version,
      "LaMa image inpainting", {}, {{"run", run_subject(settings_.prefix), settings_.queue_group, {}}}};
  const auto all_stats = [service, stats, started = std::chrono::system_clock::now()] {
    const discovery::EndpointStats run = stats();
    return discovery::stats_json(service, started, std::span(&run, 1));
  };
  const std::pair<Verb, std::function<std::string()>> answers[] = {
      {Verb::ping, [service] { return discovery::ping_json(service); }},
      {Verb::info, [service] { return discovery::info_json(service); }},
      {Verb::stats, all_stats}};
  for (const auto& [verb, make] : answers)
    for (const auto& subject : discovery::subjects(verb, service))
      if (Status added = answer(subject, make); !added) return added;
  return Ok{};
}

void Subscriptions::drain(std::chrono::milliseconds timeout) {
  const TimePoint end = Clock::now() + timeout;
  for (auto& each : *subscriptions_) each.start_drain(timeout);
  for (auto& each : *subscriptions_)
    each.wait_drained(std::max(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()),
                               std::chrono::milliseconds(1)));
}

Status Subscriptions::answer(const std::string& subject, const std::function<std::string()>& make) {
  return subscribe(subject, "", [connection = connection_, make](const Message& message) {
    if (!message.reply().empty()) (void)connection->publish(std::string(message.reply()), as_bytes(make()));
  });
}

Status Subscriptions::subscribe(const std::string& subject, const std::string& group, Connection::Handler handler) {
  auto subscription = connection_->subscribe(subject, group, std::move(handler));
  if (!subscription) return subscription.error();
  subscriptions_->push_back(std::move(*subscription));
  return Ok{};
}

}  // namespace inpaintd
