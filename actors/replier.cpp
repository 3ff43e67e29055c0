// SPDX-License-Identifier: Apache-2.0
#include "actors/replier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "actors/guard.h"
#include "bus/wire/wire.h"
#include "image/pipeline.h"
#include "monitoring/log.h"
#include "scheduling/admission.h"

namespace inpaintd {
namespace {

void log_done(const wire::Done& done) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  const Timings& times = done.timings;
  const LogScope scope{{"code", "done"},
                       {"total_us", times.total.count()},
                       {"queue_us", times.queue.count()},
                       {"infer_us", times.infer.count()},
                       {"batch_size", static_cast<std::int64_t>(done.batch_size)},
                       {"device", std::string_view(done.device)}};
  spdlog::debug("done");
}

/// The same error for another client, which must not see the request id of the first one.
Error addressed_to(const Ticket& ticket, const Error& error) {
  return error.code == ErrorCode::internal ? internal_error(ticket) : error;
}

/// Whether an error concerns one request only, and not the identical ones.
bool concerns_one(ErrorCode code) {
  return code == ErrorCode::cancelled || code == ErrorCode::deadline_exceeded || code == ErrorCode::overloaded;
}

}  // namespace

Replier::Replier(caf::actor_config& config, Parts parts) : caf::event_based_actor(config), parts_(std::move(parts)) {}

caf::behavior Replier::make_behavior() {
  return {
      [this](const Outcome& outcome) { answer(outcome); },
      [this](const Progress& progress) { contained(name(), [&] { report(progress); }); },
  };
}

// Whatever fails, the client gets one final message, and the run of the request ends, so that its followers do not wait
// for ever. If even the error cannot be sent, the request's place sends it.
void Replier::answer(const Outcome& outcome) {
  const LogScope scope(outcome.ticket);
  Answered answered = Error{};
  const auto answer_well = [&] {
    Timings timings = outcome.timings;
    answered = make_answer(outcome, timings);
    if (answered) return send_picture(outcome, **answered, timings);
    parts_.outbox->send_error(outcome.ticket, answered.error());
    settle(outcome);
  };
  guarded(name(), answer_well, [&] {
    if (outcome.reservation && outcome.reservation->settled()) return;
    answered = internal_error(outcome.ticket);
    parts_.outbox->send_error(outcome.ticket, answered.error());
    settle(outcome);
  });
  const std::uint64_t run = outcome.ticket.run;
  if (run != 0) guarded(name(), [&] { share(run, answered); }, [&] { parts_.reuse->flights.forget(run); });
}

Replier::Answered Replier::make_answer(const Outcome& outcome, Timings& timings) const {
  if (const Error* error = outcome.error()) return *error;
  if (const auto* known = std::get_if<std::shared_ptr<const Answer>>(&outcome.ending)) return *known;
  if (outcome.reservation)
    if (auto ending = outcome.reservation->refusal(true)) return std::move(*ending);
  const auto& computed = std::get<Computed>(outcome.ending);
  const Stopwatch watch;
  auto picture = render(*computed.input, computed.predictions);
  if (!picture) return picture.error();
  timings.encode = watch.elapsed();
  return std::make_shared<const Answer>(Answer{std::move(*picture), computed.run});
}

// Called directly after the final message was published: the work after it may fail, and must not cause a second final
// message.
void Replier::settle(const Outcome& outcome) {
  if (outcome.reservation) outcome.reservation->settle();
  if (outcome.ticket.answered) *outcome.ticket.answered = true;
}

void Replier::send_picture(const Outcome& outcome, const Answer& answer, Timings timings) {
  const auto* computed = std::get_if<Computed>(&outcome.ending);  // null: an identical request was computed
  wire::Done done;
  done.id = outcome.ticket.id;
  if (const auto& result = outcome.ticket.result) {
    const Stopwatch watch;
    if (const Status stored = parts_.store.put(*result, as_bytes(answer.picture.bytes)); !stored) {
      parts_.outbox->send_error(outcome.ticket, stored.error());
      return settle(outcome);
    }
    timings.encode += watch.elapsed();
    done.result = result;
  } else {
    done.image = as_bytes(answer.picture.bytes);
  }
  done.format = answer.picture.format;
  done.size = answer.picture.size;
  done.region = answer.picture.region;
  done.timings = timings;
  done.timings.total = std::chrono::duration_cast<Microseconds>(clock().now() - outcome.ticket.received);
  // Without a run, all time but decoding was waiting. The stopwatch and the actors' clock may differ by a little, and
  // the wire format has no negative times.
  if (!computed) done.timings.queue = std::max(Microseconds{}, done.timings.total - timings.decode);
  done.batch_size = answer.run.batch_size;
  done.device = answer.run.device;
  done.model = answer.run.model;
  done.cached = computed == nullptr;
  done.service = parts_.service;
  done.exact = answer.picture.exact;
  done.notes = answer.picture.notes;

  const Status sent = parts_.outbox->send(outcome.ticket, wire::encode_reply(done));
  if (!sent && sent.error().code == ErrorCode::too_large) {
    parts_.outbox->send_error(outcome.ticket, answer_too_large(sent.error().message));
    return settle(outcome);
  }
  settle(outcome);
  parts_.metrics->count_done(computed ? computed->input.get() : nullptr, done.timings);
  log_done(done);
}

// The result is kept before the run ends, so that an identical request finds one of the two at every moment (see
// Ingress).
void Replier::share(std::uint64_t run, const Answered& answered) {
  if (answered)
    if (const auto key = parts_.reuse->flights.key_of(run))
      parts_.reuse->results.insert(*key, *answered, (*answered)->picture.bytes.size() + sizeof(Answer));
  auto landed = parts_.reuse->flights.land(run, static_cast<bool>(answered));
  if (!landed) return;
  for (Follower& follower : landed->followers) {
    if (!answered && concerns_one(answered.error().code)) {
      parts_.intake->put(std::move(follower.envelope));
      continue;
    }
    ++parts_.metrics->followed;
    Outcome::Ending ending = answered ? Outcome::Ending(*answered)
                                      : Outcome::Ending(addressed_to(follower.envelope.ticket, answered.error()));
    send_to(follower.replier, ended(std::move(follower.envelope), std::move(ending)));
  }
  for (auto& [job, replier] : landed->runners)
    if (auto outcome = job->finish_with(*answered)) {
      ++parts_.metrics->followed;
      send_to(replier, std::move(*outcome));
    }
}

// The progress of a run may arrive after another run's picture, or an error, has ended the request.
void Replier::report(const Progress& progress) {
  if (progress.ticket.answered && *progress.ticket.answered) return;
  const LogScope scope(progress.ticket);
  const std::string& id = progress.ticket.id;
  const wire::Reply message = progress.running ? wire::Reply(wire::Running{id, progress.batch_size, progress.device})
                                               : wire::Reply(wire::Queued{id, progress.position, progress.eta});
  (void)parts_.outbox->send(progress.ticket, wire::encode_reply(message));
  if (progress.ticket.run != 0) parts_.reuse->flights.report(progress.ticket.run, progress);
}

}  // namespace inpaintd
