// SPDX-License-Identifier: Apache-2.0
#include "actors/ingress.h"

#include <fmt/format.h>

#include <utility>

#include "actors/guard.h"
#include "actors/outbox.h"
#include "bus/wire/wire.h"
#include "monitoring/log.h"
#include "scheduling/admission.h"

namespace inpaintd {

Ingress::Ingress(caf::actor_config& config, IngressSettings settings, Parts parts)
    : caf::event_based_actor(config), settings_(settings), parts_(std::move(parts)) {}

caf::behavior Ingress::make_behavior() {
  work();  // nothing waits yet: this makes it known as idle
  return {[this](work_atom) { work(); }};
}

void Ingress::work() {
  while (auto envelope = parts_.intake->take(address())) {
    const Reservation reservation = envelope->reservation;  // the envelope may go to wait
    Ticket ticket;
    const auto body = [&] { receive(*envelope, ticket); };
    guarded(name(), body, [&] {
      const LogScope scope(ticket);
      refuse(ticket, internal_error(ticket), reservation);
    });
  }
}

void Ingress::receive(Envelope& envelope, Ticket& ticket) {
  ticket.reply = envelope.message.reply();
  ticket.priority = envelope.priority;
  ticket.received = envelope.received;
  ticket.traceparent = wire::traceparent(envelope.message);
  const Reservation reservation = envelope.reservation;
  if (auto ending = reservation->refusal()) {
    ticket.id = wire::salvage_id(envelope.message.data());
    return refuse(ticket, *ending, reservation);
  }
  const auto request = wire::decode_request(envelope.message.data());
  if (!request) {
    ticket.id = wire::salvage_id(envelope.message.data());
    return refuse(ticket, request.error(), reservation);
  }
  // Every request has a name, for logs and for cancelling; the inbox is unique, and made by the client's library.
  ticket.id = request->id.empty() ? ticket.reply.substr(0, id_bytes_max) : request->id;
  ticket.deadline = ticket.received + request->timeout.value_or(settings_.timeout_default);
  ticket.progress = request->progress;
  if (ticket.progress) ticket.answered = std::make_shared<std::atomic<bool>>(false);

  reservation->update(ticket);

  const TimePoint now = clock().now();
  if (parts_.cancellations->contains(ticket.id, now)) return refuse(ticket, cancelled_by_client(), reservation);
  if (now >= ticket.deadline)
    return refuse(ticket, {ErrorCode::deadline_exceeded, "the request's time was over before it could be decoded"},
                  reservation);
  const std::size_t message_bytes = envelope.message.data().size();
  if (!spared(ticket, *request, envelope)) accept(ticket, *request, reservation, message_bytes);
}

/// True when the request needs no job: its answer is known, or it now waits for that of an identical one.
bool Ingress::spared(Ticket& ticket, const Request& request, Envelope& envelope) {
  const Fingerprint key = parts_.reuse->fingerprinter.of(request);
  const Reservation reservation = envelope.reservation;
  const caf::actor& replier = parts_.repliers.of(ticket);
  Follower follower{ticket, std::move(envelope), replier.address()};
  const auto run =
      parts_.reuse->flights.join(key, follower, [&](const Progress& last) { caf::anon_send(replier, last); });
  if (!run) {
    // A cancel that came since the first look found it neither remembered nor waiting.
    if (parts_.cancellations->contains(ticket.id, clock().now()))
      for (Follower& each : parts_.reuse->flights.take(ticket.id))
        refuse(std::move(each.ticket), cancelled_by_client(), std::move(each.envelope.reservation));
    return true;
  }
  ticket.run = *run;
  reservation->update(ticket);
  // Repliers keep a result before they end its run: whoever did not find the run finds the result.
  auto answer = parts_.reuse->results.find(key);
  if (!answer) {
    envelope = std::move(follower.envelope);
    return false;
  }
  parts_.repliers.send(known_outcome(ticket, std::move(answer), reservation));
  return true;
}

void Ingress::accept(const Ticket& ticket, const Request& request, const Reservation& reservation,
                     std::size_t message_bytes) {
  const TimePoint start = Clock::now();
  const HolePlans plans{parts_.reuse->fingerprinter, parts_.reuse->masks};
  const auto admit = [&](std::size_t bytes) { return reservation->hold_decoded(message_bytes + bytes); };
  auto input = prepare(request, settings_.image, settings_.tiling, &plans, admit);
  if (!input) return refuse(ticket, input.error(), reservation);
  const auto decode_time = std::chrono::duration_cast<Microseconds>(Clock::now() - start);

  if (auto refused = check_answer(*input)) return refuse(ticket, std::move(*refused), reservation);

  const auto job =
      std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(*input)), decode_time, reservation);
  if (job->input().tiles.empty()) {
    if (auto outcome = job->finish_without_tiles()) parts_.repliers.send(std::move(*outcome));
    return;
  }
  parts_.reuse->flights.enlist(job->ticket().run, job);
  send(parts_.batcher, job);
}

/// An answer that is known to be too large is not worth a computation.
std::optional<Error> Ingress::check_answer(const Input& input) const {
  const auto bytes = known_answer_bytes(input);
  const std::int64_t limit = parts_.payload_max ? parts_.payload_max() : 0;
  if (!bytes || limit <= 0 || *bytes <= static_cast<std::size_t>(limit)) return std::nullopt;
  return answer_too_large(
      fmt::format("{} bytes of raw pixels exceed the NATS server's max_payload of {} bytes", *bytes, limit));
}

void Ingress::refuse(Ticket ticket, Error error, Reservation reservation) {
  parts_.repliers.send(failed_outcome(std::move(ticket), std::move(error), std::move(reservation)));
}

}  // namespace inpaintd
