// SPDX-License-Identifier: Apache-2.0
#include "bus/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "bus/jetstream.h"
#include "bus/subjects.h"

namespace inpaintd {
namespace {

constexpr int not_found = 404;

std::string queued_state(const std::string& id) { return wire::encode_job_state({.reply = wire::Queued{id}}); }

Status check_id(const std::string& id) {
  if (valid_job_id(id)) return Ok{};
  return Error{ErrorCode::bad_request,
               fmt::format("\"{}\" is not the id of a job: OWNER.NAME, of letters, digits, _ and -", id)};
}

/// Wakes up a waiting function; shared with a handler that may run later.
struct Bell {
  std::mutex mutex;
  std::condition_variable_any rung;
  bool rings = false;

  void ring() {
    const std::lock_guard lock(mutex);
    rings = true;
    rung.notify_all();
  }
  void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    rung.wait_for(lock, stop, time, [this] { return rings; });
    rings = false;
  }
};

}  // namespace

Jobs::Jobs(Connection& connection, std::string prefix, std::chrono::milliseconds timeout)
    : connection_(connection),
      prefix_(std::move(prefix)),
      timeout_(timeout),
      states_(connection, std::string(jobs_bucket), timeout) {}

Status Jobs::check() {
  const auto exists = exist();
  if (!exists) return exists.error();
  if (*exists) return Ok{};
  return Error{ErrorCode::store_failed,
               fmt::format("the bucket {} does not exist: make it with inpaint-setup", jobs_bucket)};
}

Result<bool> Jobs::exist() {
  const auto bucket = JetStream(connection_, timeout_).call(fmt::format("STREAM.INFO.KV_{}", jobs_bucket));
  if (bucket || bucket.error().code == not_found) return bool(bucket);
  return Error{ErrorCode::store_failed, bucket.error().message};
}

Result<std::optional<Jobs::State>> Jobs::state(const std::string& id) {
  if (Status valid = check_id(id); !valid) return valid.error();
  const auto entry = states_.look(id);
  if (!entry) return entry.error();
  if (!*entry) return std::optional<State>();
  auto state = wire::decode_job_state(id, as_bytes((*entry)->value));
  if (!state) return state.error();
  return std::optional(State{std::move(*state), (*entry)->revision});
}

Result<bool> Jobs::submit(const Request& request, Priority priority, const Headers& headers) {
  if (Status valid = check_id(request.id); !valid) return valid.error();
  const std::string message = wire::encode_request(request);
  const auto created = states_.create(request.id, as_bytes(queued_state(request.id)));
  if (!created) return created.error();
  std::uint64_t revision = created->value_or(0);
  if (!*created) {
    const auto present = state(request.id);
    if (!present) return present.error();
    if (!*present || (*present)->is_final() || (*present)->deliveries > 0) return false;
    revision = (*present)->revision;
  }
  if (Status sent = publish(request.id, priority, as_bytes(message), revision, headers); !sent) return sent.error();
  return created->has_value();
}

Result<bool> Jobs::submit_again(const Request& request, Priority priority, const State& ended) {
  const auto revision = states_.update(request.id, as_bytes(queued_state(request.id)), ended.revision);
  if (!revision) return revision.error();
  if (!*revision) return false;
  const std::string message = wire::encode_request(request);
  if (Status sent = publish(request.id, priority, as_bytes(message), **revision); !sent) return sent.error();
  return true;
}

Status Jobs::retry(const std::string& id) {
  if (Status valid = check_id(id); !valid) return valid;
  JetStream jetstream(connection_, timeout_);
  const std::string subject = dead_job_subject(prefix_, id);
  const auto kept = jetstream.last(std::string(dead_jobs_stream), subject);
  if (!kept && kept.error().code == not_found)
    return Error{
        ErrorCode::object_not_found,
        fmt::format("the stream {} keeps no request of the job {}; send the request again", dead_jobs_stream, id)};
  if (!kept) return Error{ErrorCode::store_failed, kept.error().message};
  const auto entry = states_.get(id);
  if (!entry) return entry.error();
  const auto revision = *entry ? states_.update(id, as_bytes(queued_state(id)), (*entry)->revision)
                               : states_.create(id, as_bytes(queued_state(id)));
  if (!revision) return revision.error();
  if (!*revision)
    return Error{ErrorCode::store_failed, "another client has changed the job meanwhile; look at it again"};
  const auto priority = from_name<Priority>(kept->header(job_priority_header)).value_or(Priority::normal);
  if (Status sent = publish(id, priority, as_bytes(kept->data), **revision); !sent) return sent;
  const auto removed = jetstream.call(fmt::format("STREAM.PURGE.{}", dead_jobs_stream), {{"filter", subject}});
  if (!removed) return Error{ErrorCode::store_failed, removed.error().message};
  return Ok{};
}

Result<bool> Jobs::cancel(const std::string& id, const Error& why) {
  if (Status valid = check_id(id); !valid) return valid.error();
  const std::string ended = wire::encode_job_state({.reply = wire::Failed{id, why}});
  for (;;) {
    const auto entry = states_.look(id);  // permissions allow this for the client's own jobs; an update finds out
    if (!entry) return entry.error();
    if (!*entry) return false;
    const auto present = wire::decode_job_state(id, as_bytes((*entry)->value));
    if (!present) return present.error();
    if (present->is_final()) return false;
    const auto revision = states_.update(id, as_bytes(ended), (*entry)->revision);
    if (!revision) return revision.error();
    if (!*revision) continue;  // the job went on meanwhile
    return bool(connection_.publish(cancel_subject(prefix_), as_bytes(wire::encode_cancel(id))));
  }
}

Result<std::vector<std::string>> Jobs::ids(std::string_view owner) {
  return states_.keys(owner.empty() ? std::string() : fmt::format("{}.", owner));
}

Result<std::optional<Jobs::State>> Jobs::wait(const std::string& id, TimePoint deadline, const std::stop_token& stop,
                                              const Changed& changed) {
  constexpr std::chrono::milliseconds look_again{500};
  const auto bell = std::make_shared<Bell>();
  // Permissions may forbid this subscription; then the end of the job is noticed a little later.
  const auto hint = connection_.subscribe(job_ended_subject(prefix_, id), "", [bell](const Message&) { bell->ring(); });
  std::uint64_t seen = 0;
  for (;;) {
    auto present = state(id);
    if (!present && (connection_.connected() || connection_.closed())) return std::move(present.error());
    if (present && !*present) return Error{ErrorCode::object_not_found, fmt::format("the job {} does not exist", id)};
    if (present && std::exchange(seen, (*present)->revision) != seen && changed) changed(**present);
    if (present && (*present)->is_final()) return std::move(*present);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (stop.stop_requested() || rest <= std::chrono::milliseconds(0)) return std::optional<State>();
    bell->wait(std::min(look_again, rest), stop);
  }
}

Status Jobs::publish(const std::string& id, Priority priority, Bytes request, std::uint64_t revision, Headers headers) {
  // The revision tells each start of a job from the earlier ones, whose messages the server still remembers.
  headers.emplace_back("Nats-Msg-Id", fmt::format("{}.{}", id, revision));
  const auto sent = JetStream(connection_, timeout_).publish(job_subject(prefix_, priority), request, headers);
  if (sent) return Ok{};
  return Error{ErrorCode::store_failed, fmt::format("the job {} was not taken: {}", id, sent.error().message)};
}

}  // namespace inpaintd
