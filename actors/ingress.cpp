// SPDX-License-Identifier: Apache-2.0
#include "actors/ingress.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/log.h"
#include "bus/wire.h"

namespace inpaintd {

Ingress::Ingress(caf::actor_config& config, IngressSettings settings, caf::actor batcher, Repliers repliers)
    : caf::event_based_actor(config),
      settings_(settings),
      batcher_(std::move(batcher)),
      repliers_(std::move(repliers)) {}

caf::behavior Ingress::make_behavior() {
  return {
      [this](Envelope& envelope) { receive(envelope); },
  };
}

void Ingress::receive(Envelope& envelope) {
  Ticket ticket;
  ticket.reply = envelope.message.reply();
  ticket.priority = envelope.priority;
  ticket.received = envelope.received;
  ticket.traceparent = wire::traceparent(envelope.message);

  const auto request = wire::decode_request(envelope.message.data());
  if (!request) {
    ticket.id = wire::salvage_id(envelope.message.data());
    return refuse(std::move(ticket), request.error(), envelope.reservation);
  }
  // Every request has a name, for logs and for cancelling; the inbox is unique, and made by the client's library.
  ticket.id = request->id.empty() ? ticket.reply.substr(0, id_bytes_max) : request->id;
  ticket.deadline = ticket.received + request->timeout.value_or(settings_.timeout_default);
  ticket.progress = request->progress;
  try {
    accept(ticket, *request, envelope.reservation);
  } catch (const std::exception& error) {
    const LogScope scope(ticket);
    spdlog::error("{}", error.what());
    refuse(ticket, {ErrorCode::internal, "request " + ticket.id}, envelope.reservation);
  }
}

void Ingress::accept(Ticket ticket, const Request& request, const Reservation& reservation) {
  if (clock().now() >= ticket.deadline)
    return refuse(std::move(ticket), {ErrorCode::deadline_exceeded, "its time was over before it could be decoded"},
                  reservation);

  const TimePoint start = Clock::now();
  auto input = prepare(request, settings_.image, settings_.tiling);
  if (!input) return refuse(std::move(ticket), input.error(), reservation);
  const auto decode_time = std::chrono::duration_cast<Microseconds>(Clock::now() - start);

  const auto job = std::make_shared<Job>(std::move(ticket), std::make_shared<const Input>(std::move(*input)),
                                         decode_time, reservation);
  if (job->input().tiles.empty()) {
    if (auto outcome = job->finish_without_tiles()) repliers_.send(std::move(*outcome));
    return;
  }
  send(batcher_, job);
}

void Ingress::refuse(Ticket ticket, Error error, Reservation reservation) {
  repliers_.send(Outcome{std::move(ticket), nullptr, std::move(error), {}, 0, {}, {}, std::move(reservation)});
}

}  // namespace inpaintd
