// SPDX-License-Identifier: Apache-2.0
#include "actors/gate.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/guard.h"
#include "bus/wire/wire.h"
#include "monitoring/log.h"

namespace inpaintd {

void Gate::request(Priority priority, Message message, Ticket promised) {
  ++parts_.metrics->received;
  if (message.reply().empty()) {
    ++parts_.metrics->without_reply;
    spdlog::warn("a request was dropped because it has no reply subject for its answer");
    return;
  }
  Envelope envelope{std::move(promised), std::move(message), nullptr};
  bool place_answers = false;
  const auto take_in = [&] {
    Ticket& ticket = envelope.ticket;
    ticket.reply = envelope.message.reply();
    ticket.priority = priority;
    ticket.received = now();
    ticket.traceparent = wire::traceparent(envelope.message);
    auto place = parts_.admission->reserve(envelope.message.data().size(), priority);
    if (!place) {
      ticket.id = wire::salvage_id(envelope.message.data());
      const LogScope scope(ticket);
      // Not above debug: most refusals come when the service has the least time to log them.
      return parts_.outbox->send_error(ticket, place.error(), spdlog::level::debug);
    }
    answer_when_lost(**place, ticket);
    place_answers = true;
    envelope.reservation = std::move(*place);
    parts_.intake->put(std::move(envelope));
  };
  guarded("gate", take_in, [&] {
    if (!place_answers) parts_.outbox->send_error(envelope.ticket, internal_error(envelope.ticket), spdlog::level::err);
  });
}

void Gate::answer_when_lost(Place& place, const Ticket& ticket) const {
  place.answer_for(ticket, [outbox = parts_.outbox, reuse = std::weak_ptr(parts_.reuse)](
                               const Ticket& lost, const std::optional<Error>& ending) {
    const LogScope scope(lost);
    // Without this, identical requests would follow the lost one for ever.
    if (const auto shared = reuse.lock()) shared->flights.forget(lost.run);
    contained("gate", [&] { outbox->send_error(lost, ending.value_or(internal_error(lost)), spdlog::level::err); });
  });
}

TimePoint Gate::now() const { return parts_.batcher->home_system().clock().now(); }

void Gate::cancel(const Message& message) {
  const auto id = wire::decode_cancel(message.data());
  if (!id) {
    spdlog::warn("a cancel message was ignored: {}", id.error().message);
    return;
  }
  // The order matters: a request that is taken in after the first line finds its id among the cancellations, and one
  // that was taken in before is found by the other lines. The batcher is told directly, because a message by way of the
  // ingress actors would wait there for pictures that are being decoded.
  parts_.cancellations->add(*id, now());
  for (Follower& follower : parts_.reuse->flights.take(*id))
    parts_.repliers.end(std::move(follower.envelope), cancelled_by_client());
  caf::anon_send(parts_.batcher, cancel_atom_v, *id);
}

}  // namespace inpaintd
