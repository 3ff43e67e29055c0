// SPDX-License-Identifier: Apache-2.0
#include "actors/job_records.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <variant>

#include "bus/jetstream.h"
#include "bus/jobs.h"
#include "bus/subjects.h"
#include "monitoring/log.h"

namespace inpaintd {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds timeout{10};
constexpr milliseconds read_patience{3000};  // the worker's other jobs wait meanwhile

/// The errors that say nothing about the job: another worker, or this one at another time, can do it.
bool is_no_fault(ErrorCode code) {
  return code == ErrorCode::overloaded || code == ErrorCode::shutting_down || code == ErrorCode::store_failed;
}

/// How long a job waits before another try.
milliseconds delay_of(const Error& error, int tries) {
  if (error.code == ErrorCode::shutting_down) return milliseconds(0);
  if (is_no_fault(error.code)) return error.retry_after.value_or(milliseconds(1000));
  return std::min(milliseconds(1000) * (1 << std::min(tries - 1, 5)), milliseconds(30'000));
}

}  // namespace

JobRecords::JobRecords(Parts parts)
    : parts_(std::move(parts)),
      states_(*parts_.connection, std::string(jobs_bucket), timeout),
      pictures_(*parts_.connection, std::string(pictures_bucket), timeout),
      queue_(*parts_.connection, parts_.prefix) {}

/// Calls `call` until it succeeds, or until there is no time to try again.
template <class Call>
auto JobRecords::persist(Call call, milliseconds patience) -> decltype(call()) {
  for (const TimePoint end = Clock::now() + patience;;) {
    auto result = call();
    if (result) return result;
    if (Clock::now() >= end || !parts_.try_again()) {
      spdlog::warn("a durable job could not be recorded, and will be given to a worker again: {}",
                   result.error().message);
      return result;
    }
  }
}

std::optional<HeldJob> JobRecords::admit(Delivery delivery) {
  ++parts_.metrics->jobs_taken;
  const auto request = wire::decode_request(delivery.message.data());
  const std::string id = request ? request->id : wire::salvage_id(delivery.message.data());
  if (!valid_job_id(id)) {
    bury_unreadable(delivery,
                    request ? fmt::format("\"{}\" is not the id of a job: OWNER.NAME", id) : request.error().message);
    return std::nullopt;
  }
  HeldJob job{std::move(delivery), id};
  const LogScope scope{{"id", std::string_view(job.id)}};
  const auto entry = persist([&] { return states_.get(id); }, read_patience);
  if (!entry) {
    queue_.give_back(job.ack(), milliseconds(5000));
    return std::nullopt;
  }
  if (*entry) {
    const auto state = wire::decode_job_state(id, as_bytes((*entry)->value));
    if (state && state->is_final()) {
      ++parts_.metrics->jobs_known;
      acknowledge(job);
      return std::nullopt;
    }
    job.revision = (*entry)->revision;
    if (state) job.returned = std::min(state->returned, job.delivery.count - 1);
  }
  if (!request) {
    end(job, wire::Failed{id, request.error()});
    return std::nullopt;
  }
  job.own_inputs = request->image_at == job_image(id) || request->mask_at == job_mask(id);
  if (job.tries() > parts_.tries_max) {
    bury(job,
         {ErrorCode::device_failed,
          fmt::format("{} workers that had this job ended without a word, or could not finish it", parts_.tries_max)});
    return std::nullopt;
  }
  return job;
}

void JobRecords::report(HeldJob& job, const wire::Reply& progress) {
  const std::string value = wire::encode_job_state({progress, job.delivery.count, job.returned});
  const auto revision = job.revision == 0 ? states_.create(job.id, as_bytes(value))
                                          : states_.update(job.id, as_bytes(value), job.revision);
  // A client may have cancelled the job, or another worker may have got it; its end will find out.
  if (revision && *revision) job.revision = **revision;
}

void JobRecords::end(HeldJob& job, const wire::Reply& reply) {
  const LogScope scope{{"id", std::string_view(job.id)}};
  const auto* failed = std::get_if<wire::Failed>(&reply);
  if (failed != nullptr && info(failed->error.code).retryable) return retry(job, failed->error);
  if (!conclude(job, {reply, job.delivery.count, job.returned})) return;
  ++(failed == nullptr ? parts_.metrics->jobs_done : parts_.metrics->jobs_refused);
  acknowledge(job);
  remove_inputs(job);
}

void JobRecords::give_back(HeldJob& job, const Error& reason) { retry(job, reason); }

void JobRecords::retry(HeldJob& job, const Error& error) {
  if (is_no_fault(error.code)) {
    ++job.returned;
  } else if (job.tries() >= parts_.tries_max) {
    return bury(job, error);
  }
  ++parts_.metrics->jobs_returned;
  spdlog::info("the job goes back to the stream after try {}: {}", job.delivery.count, error.message);
  report(job, wire::Queued{job.id});
  queue_.give_back(job.ack(), delay_of(error, job.tries()));
}

/// Records the last state of a job, unless it has one. Returns false when this was not possible.
bool JobRecords::conclude(HeldJob& job, const wire::JobState& state) {
  const std::string value = wire::encode_job_state(state);
  for (;;) {
    const auto revision = persist([&] {
      return job.revision == 0 ? states_.create(job.id, as_bytes(value))
                               : states_.update(job.id, as_bytes(value), job.revision);
    });
    if (!revision) return false;
    if (*revision) break;
    const auto entry = persist([&] { return states_.get(job.id); });
    if (!entry) return false;
    job.revision = *entry ? (*entry)->revision : 0;
    const auto present = *entry ? wire::decode_job_state(job.id, as_bytes((*entry)->value)) : Error{};
    if (!present || !present->is_final()) continue;
    // A client has cancelled the job, or another worker has finished it.
    if (const auto* done = std::get_if<wire::Done>(&state.reply);
        done != nullptr && done->result && !std::holds_alternative<wire::Done>(present->reply))
      (void)ObjectStore(*parts_.connection, done->result->bucket, timeout).remove(done->result->name);
    return true;
  }
  (void)parts_.connection->publish(job_ended_subject(parts_.prefix, job.id), as_bytes(value));
  return true;
}

/// Ends a job that has failed too often, and keeps its request for people.
void JobRecords::bury(HeldJob& job, const Error& reason) {
  spdlog::error("the job is given up after {} tries: {}", job.tries(), reason.message);
  if (!keep_dead(job.id, job.delivery, reason.message)) return;
  if (!conclude(job, {.reply = wire::Failed{job.id, reason},
                      .deliveries = job.delivery.count,
                      .returned = job.returned,
                      .dead = true}))
    return;
  ++parts_.metrics->jobs_dead;
  (void)persist([&] { return queue_.terminate(job.ack(), timeout); });
}

/// A message that names no job has no state; only the stream of dead jobs can tell of it.
void JobRecords::bury_unreadable(const Delivery& delivery, const std::string& reason) {
  spdlog::error("a message in the stream of jobs is no job: {}", reason);
  if (!keep_dead(fmt::format("unreadable.{}", delivery.sequence), delivery, reason)) return;
  ++parts_.metrics->jobs_dead;
  (void)persist([&] { return queue_.terminate(delivery.ack(), timeout); });
}

bool JobRecords::keep_dead(const std::string& id, const Delivery& delivery, const std::string& reason) {
  std::string line = reason.substr(0, reason.find_first_of("\r\n"));  // a header is one line
  const Headers headers{{job_priority_header, std::string(name(delivery.priority))}, {job_reason_header, line}};
  return bool(persist([&] {
    return JetStream(*parts_.connection, timeout)
        .store(dead_job_subject(parts_.prefix, id), delivery.message.data(), headers);
  }));
}

void JobRecords::sweep() {
  const auto leftovers = queue_.leftovers(timeout);
  if (!leftovers) return spdlog::warn("durable jobs: {}", leftovers.error().message);
  for (const auto& each : *leftovers) {
    const std::string id = wire::salvage_id(as_bytes(each.request));
    if (valid_job_id(id)) {
      const auto entry = states_.get(id);
      if (!entry) return;
      const auto state = *entry ? wire::decode_job_state(id, as_bytes((*entry)->value)) : Error{};
      if (*entry && state && !state->is_final()) {
        spdlog::warn("the job {} is sent to its stream again, which has lost it", id);
        const Headers headers{{"Nats-Msg-Id", fmt::format("{}.again.{}", id, each.sequence)}};
        const std::string subject = job_subject(parts_.prefix, each.priority);
        if (!JetStream(*parts_.connection, timeout).store(subject, as_bytes(each.request), headers)) return;
      }
    }
    (void)queue_.remove(each, timeout);
  }
}

void JobRecords::acknowledge(const HeldJob& job) {
  (void)persist([&] { return queue_.acknowledge(job.ack(), timeout); });
}

void JobRecords::remove_inputs(const HeldJob& job) {
  if (!job.own_inputs) return;
  for (const ObjectName& each : {job_image(job.id), job_mask(job.id)}) (void)pictures_.remove(each.name);
}

}  // namespace inpaintd
