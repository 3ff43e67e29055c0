// SPDX-License-Identifier: Apache-2.0
#include "actors/ingress.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/log.h"
#include "bus/wire.h"

namespace inpaintd {

Ingress::Ingress(caf::actor_config& config, IngressSettings settings, caf::actor batcher, Repliers repliers,
                 std::shared_ptr<Reuse> reuse)
    : caf::event_based_actor(config),
      settings_(settings),
      batcher_(std::move(batcher)),
      repliers_(std::move(repliers)),
      reuse_(std::move(reuse)) {}

caf::behavior Ingress::make_behavior() {
  return {
      [this](Envelope& envelope) { receive(envelope); },
      [this](cancel_atom, const std::string& id) { cancel(id); },
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
  if (ticket.progress) ticket.answered = std::make_shared<std::atomic<bool>>(false);
  const Reservation reservation = envelope.reservation;  // the envelope may go to wait
  try {
    if (clock().now() >= ticket.deadline)
      return refuse(ticket, {ErrorCode::deadline_exceeded, "its time was over before it could be decoded"},
                    reservation);
    if (!spared(ticket, *request, envelope)) accept(ticket, *request, reservation);
  } catch (const std::exception& error) {
    const LogScope scope(ticket);
    spdlog::error("{}", error.what());
    refuse(ticket, {ErrorCode::internal, "request " + ticket.id}, reservation);
  }
}

/// True when the request needs no job: its answer is known, or it now waits for an identical one's.
bool Ingress::spared(Ticket& ticket, const Request& request, Envelope& envelope) {
  const Fingerprint key = reuse_->fingerprinter.of(request);
  if (auto answer = reuse_->results.find(key)) {
    repliers_.send(known_outcome(std::move(ticket), std::move(answer), envelope.reservation));
    return true;
  }
  const caf::actor& replier = repliers_.of(ticket);
  Follower follower{ticket, std::move(envelope), caf::actor_cast<caf::actor>(this), replier};
  const auto run = reuse_->flights.join(key, follower, [&](const Progress& last) { caf::anon_send(replier, last); });
  if (!run) return true;
  ticket.run = *run;
  envelope = std::move(follower.envelope);
  return false;
}

void Ingress::accept(Ticket ticket, const Request& request, const Reservation& reservation) {
  const TimePoint start = Clock::now();
  const HolePlans plans{reuse_->fingerprinter, reuse_->masks};
  auto input = prepare(request, settings_.image, settings_.tiling, &plans);
  if (!input) return refuse(std::move(ticket), input.error(), reservation);
  const auto decode_time = std::chrono::duration_cast<Microseconds>(Clock::now() - start);

  const auto job = std::make_shared<Job>(std::move(ticket), std::make_shared<const Input>(std::move(*input)),
                                         decode_time, reservation);
  if (job->input().tiles.empty()) {
    if (auto outcome = job->finish_without_tiles()) repliers_.send(std::move(*outcome));
    return;
  }
  reuse_->flights.enlist(job->ticket().run, job);
  send(batcher_, job);
}

void Ingress::cancel(const std::string& id) {
  for (Follower& follower : reuse_->flights.take(id))
    refuse(std::move(follower.ticket), {ErrorCode::cancelled, "cancelled by the client"},
           std::move(follower.envelope.reservation));
  // What came through here before the cancel is at the batcher before it, too.
  send(batcher_, cancel_atom_v, id);
}

void Ingress::refuse(Ticket ticket, Error error, Reservation reservation) {
  repliers_.send(failed_outcome(std::move(ticket), std::move(error), std::move(reservation)));
}

}  // namespace inpaintd
