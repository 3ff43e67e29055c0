// SPDX-License-Identifier: Apache-2.0
#include "actors/replier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/guard.h"
#include "bus/wire/wire.h"
#include "image/pipeline.h"
#include "monitoring/log.h"
#include "scheduling/admission.h"

namespace inpaintd {
namespace {

Microseconds since(TimePoint start, TimePoint end) { return std::chrono::duration_cast<Microseconds>(end - start); }

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

/// The same error for another client, who is not to read the first one's request id.
Error addressed_to(const Ticket& ticket, const Error& error) {
  return error.code == ErrorCode::internal ? internal_error(ticket) : error;
}

/// Whether an error says nothing about identical requests.
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

// Whatever goes wrong: one final message, and the run of the request ends, so that its followers do not wait for ever.
// When even the error cannot be sent, the request's place does that.
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
  if (outcome.answer) return outcome.answer;
  if (!outcome.predictions) return outcome.predictions.error();
  if (outcome.reservation)
    if (auto ending = outcome.reservation->refusal(true)) return std::move(*ending);
  const TimePoint start = Clock::now();
  auto rendered = render(*outcome.input, *outcome.predictions);
  if (!rendered) return rendered.error();
  timings.encode = since(start, Clock::now());
  return std::make_shared<const Answer>(Answer{std::move(rendered->bytes), rendered->format, rendered->size,
                                               rendered->region, outcome.batch_size, outcome.device, outcome.model});
}

// At once after the final message was published: what follows may fail, and must not make a second one.
void Replier::settle(const Outcome& outcome) {
  if (outcome.reservation) outcome.reservation->settle();
  if (outcome.ticket.answered) *outcome.ticket.answered = true;
}

void Replier::send_picture(const Outcome& outcome, const Answer& answer, Timings timings) {
  wire::Done done;
  done.id = outcome.ticket.id;
  done.image = as_bytes(answer.image);
  done.format = answer.format;
  done.size = answer.size;
  done.region = answer.region;
  done.timings = timings;
  done.timings.total = since(outcome.ticket.received, clock().now());
  // It has waited, no more. Two clocks may disagree by a little, and the wire knows no negative times.
  if (outcome.answer) done.timings.queue = std::max(Microseconds{}, done.timings.total - timings.decode);
  done.batch_size = answer.batch_size;
  done.device = answer.device;
  done.model = answer.model;
  done.cached = outcome.answer != nullptr;
  done.service = parts_.service;

  const Status sent = parts_.outbox->send(outcome.ticket, wire::encode_reply(done));
  if (!sent && sent.error().code == ErrorCode::too_large) {
    parts_.outbox->send_error(outcome.ticket, answer_too_large(sent.error().message));
    return settle(outcome);
  }
  settle(outcome);
  parts_.metrics->count_done(outcome.answer ? nullptr : outcome.input.get(), done.timings);
  log_done(done);
}

// The result is kept before the run ends: at every moment an identical request finds one of the two (see Ingress).
void Replier::share(std::uint64_t run, const Answered& answered) {
  if (answered)
    if (const auto key = parts_.reuse->flights.key_of(run))
      parts_.reuse->results.insert(*key, *answered, (*answered)->image.size() + sizeof(Answer));
  auto landed = parts_.reuse->flights.land(run, static_cast<bool>(answered));
  if (!landed) return;
  for (Follower& follower : landed->followers) {
    if (!answered && concerns_one(answered.error().code)) {
      parts_.intake->put(std::move(follower.envelope));
      continue;
    }
    ++parts_.metrics->followed;
    Reservation place = std::move(follower.envelope.reservation);
    if (answered)
      send_to(follower.replier, known_outcome(follower.ticket, *answered, std::move(place)));
    else
      send_to(follower.replier,
              failed_outcome(follower.ticket, addressed_to(follower.ticket, answered.error()), std::move(place)));
  }
  for (auto& [job, replier] : landed->runners)
    if (auto outcome = job->finish_with(*answered)) {
      ++parts_.metrics->followed;
      send_to(replier, std::move(*outcome));
    }
}

// News of a run may be on its way still when another one's picture, or an error, has ended the request.
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
