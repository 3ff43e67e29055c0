// SPDX-License-Identifier: Apache-2.0
#include "actors/replier.h"

#include <spdlog/spdlog.h>

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

}  // namespace

Replier::Replier(caf::actor_config& config, std::string service, Publish publish, std::shared_ptr<Metrics> metrics)
    : caf::event_based_actor(config),
      service_(std::move(service)),
      publish_(std::move(publish)),
      metrics_(std::move(metrics)) {}

caf::behavior Replier::make_behavior() {
  return {
      [this](const Outcome& outcome) { answer(outcome); },
      [this](const Progress& progress) { report(progress); },
  };
}

void Replier::answer(const Outcome& outcome) {
  const LogScope scope(outcome.ticket);
  try {
    if (!outcome.predictions) return answer_with_error(outcome.ticket, outcome.predictions.error());
    answer_with_picture(outcome);
  } catch (const std::exception& error) {
    spdlog::error("{}", error.what());
    answer_with_error(outcome.ticket, {ErrorCode::internal, "request " + outcome.ticket.id});
  }
}

void Replier::answer_with_picture(const Outcome& outcome) {
  const TimePoint start = Clock::now();
  const auto rendered = render(*outcome.input, *outcome.predictions);
  if (!rendered) return answer_with_error(outcome.ticket, rendered.error());

  wire::Done done;
  done.id = outcome.ticket.id;
  done.image = as_bytes(rendered->bytes);
  done.format = rendered->format;
  done.size = rendered->size;
  done.region = rendered->region;
  done.timings = outcome.timings;
  done.timings.encode = since(start, Clock::now());
  done.timings.total = since(outcome.ticket.received, clock().now());
  done.batch_size = outcome.batch_size;
  done.device = outcome.device;
  done.model = outcome.model;
  done.service = service_;

  const Status sent = publish(outcome.ticket, wire::encode_reply(done));
  if (!sent && sent.error().code == ErrorCode::too_large) {
    Error error = sent.error();
    error.message =
        "the result does not fit in a message: " + error.message + "; ask for region \"patch\" or another format";
    return answer_with_error(outcome.ticket, error);
  }
  metrics_->count_done(*outcome.input, done.timings);
  log_done(done);
}

void Replier::answer_with_error(const Ticket& ticket, const Error& error) {
  metrics_->count_failure(error);
  const LogScope scope{{"code", info(error.code).name}};
  spdlog::info("{}", error.message);
  (void)publish(ticket, wire::encode_reply(wire::Failed{ticket.id, error}), wire::error_headers(error));
}

void Replier::report(const Progress& progress) {
  const LogScope scope(progress.ticket);
  const std::string& id = progress.ticket.id;
  const wire::Reply message = progress.running ? wire::Reply(wire::Running{id, progress.batch_size, progress.device})
                                               : wire::Reply(wire::Queued{id, progress.position, progress.eta});
  (void)publish(progress.ticket, wire::encode_reply(message));
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
