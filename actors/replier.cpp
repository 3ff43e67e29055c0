// SPDX-License-Identifier: Apache-2.0
#include "actors/replier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/log.h"
#include "bus/wire.h"
#include "image/pipeline.h"

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

Error unexpected(const Ticket& ticket, const std::exception& error) {
  spdlog::error("{}", error.what());
  return {ErrorCode::internal, "request " + ticket.id};
}

/// The same error for another client, who is not to read the first one's request id.
Error addressed_to(const Ticket& ticket, const Error& error) {
  return error.code == ErrorCode::internal ? Error{ErrorCode::internal, "request " + ticket.id} : error;
}

/// Whether an error says nothing about identical requests.
bool concerns_one(ErrorCode code) {
  return code == ErrorCode::cancelled || code == ErrorCode::deadline_exceeded || code == ErrorCode::overloaded;
}

}  // namespace

Replier::Replier(caf::actor_config& config, std::string service, Publish publish, std::shared_ptr<Metrics> metrics,
                 std::shared_ptr<Reuse> reuse)
    : caf::event_based_actor(config),
      service_(std::move(service)),
      publish_(std::move(publish)),
      metrics_(std::move(metrics)),
      reuse_(std::move(reuse)) {}

caf::behavior Replier::make_behavior() {
  return {
      [this](const Outcome& outcome) { answer(outcome); },
      [this](const Progress& progress) { report(progress); },
  };
}

void Replier::answer(const Outcome& outcome) {
  const LogScope scope(outcome.ticket);
  Timings timings = outcome.timings;
  Answered answered = make_answer(outcome, timings);
  try {
    if (answered) send_picture(outcome, **answered, timings);
  } catch (const std::exception& error) {
    answered = unexpected(outcome.ticket, error);
  }
  if (!answered) send_error(outcome.ticket, answered.error());
  if (outcome.ticket.answered) *outcome.ticket.answered = true;
  if (outcome.ticket.run != 0) share(outcome.ticket.run, answered);
}

Replier::Answered Replier::make_answer(const Outcome& outcome, Timings& timings) const try {
  if (outcome.answer) return outcome.answer;
  if (!outcome.predictions) return outcome.predictions.error();
  const TimePoint start = Clock::now();
  auto rendered = render(*outcome.input, *outcome.predictions);
  if (!rendered) return rendered.error();
  timings.encode = since(start, Clock::now());
  return std::make_shared<const Answer>(Answer{std::move(rendered->bytes), rendered->format, rendered->size,
                                               rendered->region, outcome.batch_size, outcome.device, outcome.model});
} catch (const std::exception& error) {
  return unexpected(outcome.ticket, error);
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
  done.service = service_;

  const Status sent = publish(outcome.ticket, wire::encode_reply(done));
  if (!sent && sent.error().code == ErrorCode::too_large) {
    Error error = sent.error();
    error.message =
        "the result does not fit in a message: " + error.message + "; ask for region \"patch\" or another format";
    return send_error(outcome.ticket, error);
  }
  metrics_->count_done(outcome.answer ? nullptr : outcome.input.get(), done.timings);
  log_done(done);
}

void Replier::send_error(const Ticket& ticket, const Error& error) {
  metrics_->count_failure(error);
  const LogScope scope{{"code", info(error.code).name}};
  spdlog::info("{}", error.message);
  (void)publish(ticket, wire::encode_reply(wire::Failed{ticket.id, error}), wire::error_headers(error));
}

void Replier::share(std::uint64_t run, const Answered& answered) {
  auto landed = reuse_->flights.land(run, static_cast<bool>(answered));
  if (!landed) return;
  if (answered) reuse_->results.insert(landed->key, *answered, (*answered)->image.size() + sizeof(Answer));
  for (Follower& follower : landed->followers) {
    if (!answered && concerns_one(answered.error().code)) {
      caf::anon_send(follower.ingress, std::move(follower.envelope));
      continue;
    }
    ++metrics_->followed;
    Reservation place = std::move(follower.envelope.reservation);
    if (answered)
      caf::anon_send(follower.replier, known_outcome(follower.ticket, *answered, std::move(place)));
    else
      caf::anon_send(follower.replier, failed_outcome(follower.ticket, addressed_to(follower.ticket, answered.error()),
                                                      std::move(place)));
  }
  for (auto& [job, replier] : landed->runners)
    if (auto outcome = job->finish_with(*answered)) caf::anon_send(replier, std::move(*outcome));
}

// News of a run may be on its way still when another one's picture, or an error, has ended the request.
void Replier::report(const Progress& progress) {
  if (progress.ticket.answered && *progress.ticket.answered) return;
  const LogScope scope(progress.ticket);
  const std::string& id = progress.ticket.id;
  const wire::Reply message = progress.running ? wire::Reply(wire::Running{id, progress.batch_size, progress.device})
                                               : wire::Reply(wire::Queued{id, progress.position, progress.eta});
  (void)publish(progress.ticket, wire::encode_reply(message));
  if (progress.ticket.run != 0) reuse_->flights.report(progress.ticket.run, progress);
}

Status Replier::publish(const Ticket& ticket, const std::string& message, Headers headers) {
  Status sent = publish_(ticket.reply, as_bytes(message), wire::with_trace(std::move(headers), ticket.traceparent));
  if (!sent && sent.error().code != ErrorCode::too_large) {
    ++metrics_->undeliverable;
    spdlog::warn("its answer could not be sent: {}", sent.error().message);
  }
  return sent;
}

}  // namespace inpaintd
