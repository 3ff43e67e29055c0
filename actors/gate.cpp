// SPDX-License-Identifier: Apache-2.0
#include "actors/gate.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/guard.h"
#include "actors/log.h"
#include "bus/wire.h"

namespace inpaintd {

void Gate::request(Priority priority, Message message) {
  ++parts_.metrics->received;
  if (message.reply().empty()) {
    ++parts_.metrics->without_reply;
    spdlog::warn("a request without reply subject was dropped: nobody would get its answer");
    return;
  }
  Ticket ticket;
  bool place_answers = false;
  const auto take_in = [&] {
    ticket.reply = message.reply();
    ticket.traceparent = wire::traceparent(message);
    auto place = parts_.admission->reserve(message.data().size(), priority);
    if (!place) {
      ticket.id = wire::salvage_id(message.data());
      const LogScope scope(ticket);
      // Nothing above debug: most refusals come when there is least time.
      return parts_.outbox->send_error(ticket, place.error(), spdlog::level::debug);
    }
    const auto lost = [outbox = parts_.outbox, weak = std::weak_ptr(parts_.reuse)](const Ticket& who,
                                                                                   const Error& error) {
      const LogScope scope(who);
      if (const auto reuse = weak.lock()) reuse->flights.forget(who.run);  // else others would follow it for ever
      outbox->send_error(who, error, spdlog::level::err);
    };
    (*place)->answer_for(ticket, lost);
    place_answers = true;
    parts_.intake->put(Envelope{std::move(message), priority, now(), std::move(*place)});
  };
  guarded("gate", take_in, [&] {
    if (!place_answers) parts_.outbox->send_error(ticket, internal_error(ticket), spdlog::level::err);
  });
}

TimePoint Gate::now() const { return parts_.batcher->home_system().clock().now(); }

void Gate::cancel(const Message& message) {
  const auto id = wire::decode_cancel(message.data());
  if (!id) {
    spdlog::warn("a cancel message was ignored: {}", id.error().message);
    return;
  }
  // In this order: what is taken in after the first line finds the id, and what was taken in before it is found by
  // the others.
  parts_.cancellations->add(*id, now());
  for (Follower& follower : parts_.reuse->flights.take(*id))
    parts_.repliers.send(
        failed_outcome(std::move(follower.ticket), cancelled_by_client(), std::move(follower.envelope.reservation)));
  caf::anon_send(parts_.batcher, cancel_atom_v, *id);
}

}  // namespace inpaintd
