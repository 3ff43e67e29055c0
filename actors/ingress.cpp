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
  work();  // no envelope waits yet: the intake learns that this ingress is idle
  return {[this](work_atom) { work(); }};
}

// An envelope without its reservation has been passed on; from then on its place answers if the request is lost.
void Ingress::work() {
  while (auto envelope = parts_.intake->take(address()))
    guarded(
        name(), [&] { receive(*envelope); },
        [&] {
          if (!envelope->reservation) return;
          const LogScope scope(envelope->ticket);
          parts_.repliers.end(std::move(*envelope), internal_error(envelope->ticket));
        });
}

void Ingress::receive(Envelope& envelope) {
  std::optional<Error> refusal = envelope.reservation->refusal();
  auto request = refusal ? Result<Request>(*refusal) : wire::decode_request(envelope.message.data());
  if (!request) {
    envelope.ticket.id = wire::salvage_id(envelope.message.data());
    return parts_.repliers.end(std::move(envelope), request.error());
  }
  if (auto error = complete(envelope, *request)) return parts_.repliers.end(std::move(envelope), std::move(*error));
  if (Status fetched = fetch(envelope, *request); !fetched)
    return parts_.repliers.end(std::move(envelope), std::move(fetched.error()));
  if (must_run(envelope, *request)) accept(envelope, *request);
}

/// Adds what the message says to the ticket. Returns an error when the request needs no answer any more.
std::optional<Error> Ingress::complete(Envelope& envelope, const Request& request) const {
  Ticket& ticket = envelope.ticket;
  // Every request has an id, for logs and for cancelling; the client's library makes sure that the inbox is unique.
  ticket.id = request.id.empty() ? ticket.reply.substr(0, id_bytes_max) : request.id;
  ticket.deadline = ticket.received + request.timeout.value_or(settings_.timeout_default);
  ticket.progress = ticket.progress || request.progress;
  if (request.result) ticket.result = request.result;
  if (ticket.progress && !ticket.answered) ticket.answered = std::make_shared<std::atomic<bool>>(false);
  envelope.reservation->update(ticket);

  const TimePoint now = clock().now();
  if (parts_.cancellations->contains(ticket.id, now)) return cancelled_by_client();
  if (now >= ticket.deadline)
    return Error{ErrorCode::deadline_exceeded,
                 "the deadline passed before the request was decoded; send the request again, or with a longer "
                 "timeout_ms"};
  return std::nullopt;
}

/// Reads the pictures that the message only names. This precedes the search for identical requests, because a name may
/// show other bytes tomorrow.
Status Ingress::fetch(Envelope& envelope, Request& request) const {
  request.owner = envelope.message.owner();
  if (!request.image_at && !request.mask_at) return Ok{};
  return read_stored(request, parts_.store, settings_.object_bytes_max, [&](std::size_t bytes) {
    return envelope.reservation->hold_decoded(envelope.message.data().size() + bytes);
  });
}

/// Whether the request has to be computed. Otherwise its answer was known, or it follows an identical request, and
/// `envelope` has been moved from.
bool Ingress::must_run(Envelope& envelope, const Request& request) {
  const Fingerprint key = parts_.reuse->fingerprinter.of(request);
  const caf::actor& replier = parts_.repliers.of(envelope.ticket);
  const std::string id = envelope.ticket.id;
  const auto run = parts_.reuse->flights.join(key, envelope, replier.address(),
                                              [&](const Progress& last) { caf::anon_send(replier, last); });
  if (!run) {
    // A cancel may have come after `complete` looked for it and before the request waited here.
    if (parts_.cancellations->contains(id, clock().now()))
      for (Follower& each : parts_.reuse->flights.take(id))
        parts_.repliers.end(std::move(each.envelope), cancelled_by_client());
    return false;
  }
  envelope.ticket.run = *run;
  envelope.reservation->update(envelope.ticket);
  // Repliers keep a result before they end its run: a request that did not find the run finds the result.
  auto answer = parts_.reuse->results.find(key);
  if (!answer) return true;
  parts_.repliers.end(std::move(envelope), std::move(answer));
  return false;
}

void Ingress::accept(Envelope& envelope, const Request& request) {
  const Stopwatch watch;
  const HolePlans plans{parts_.reuse->fingerprinter, parts_.reuse->masks};
  const std::size_t encoded = envelope.message.data().size() + stored_bytes(request);
  const auto admit = [&](std::size_t bytes) { return envelope.reservation->hold_decoded(encoded + bytes); };
  auto input = prepare(request, settings_.image, settings_.tiling, &plans, admit);
  if (!input) return parts_.repliers.end(std::move(envelope), input.error());

  if (auto refused = check_answer(*input, envelope.ticket))
    return parts_.repliers.end(std::move(envelope), std::move(*refused));

  const auto job = std::make_shared<Job>(std::move(envelope.ticket), std::make_shared<const Input>(std::move(*input)),
                                         watch.elapsed(), std::move(envelope.reservation));
  if (job->input().tiles.empty()) {
    if (auto outcome = job->finish_without_tiles()) parts_.repliers.send(std::move(*outcome));
    return;
  }
  parts_.reuse->flights.enlist(job->ticket().run, job);
  send(parts_.batcher, job);
}

/// An answer that is known to be too large is not worth a computation.
std::optional<Error> Ingress::check_answer(const Input& input, const Ticket& ticket) const {
  if (ticket.result) return std::nullopt;
  const auto bytes = known_answer_bytes(input);
  const std::int64_t limit = parts_.payload_max ? parts_.payload_max() : 0;
  if (!bytes || limit <= 0 || *bytes <= static_cast<std::size_t>(limit)) return std::nullopt;
  return answer_too_large(
      fmt::format("{} bytes of raw pixels exceed the NATS server's max_payload of {} bytes", *bytes, limit));
}

}  // namespace inpaintd
