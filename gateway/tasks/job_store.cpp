// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/job_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "bus/subjects.h"

namespace inpaintd::gateway {
namespace {

constexpr std::chrono::seconds state_timeout{5};
/// A call whose answer is lost with the connection waits for all of this time.
constexpr std::chrono::milliseconds picture_timeout = ObjectLimits{}.timeout;
/// Files of at most this size are sent in the job's message, which costs one round trip instead of several. Each may
/// have a quarter of a message, so that two of them always fit.
constexpr std::size_t inline_bytes_max = 256 << 10;

std::string job_id(const std::string& task) { return fmt::format("web.{}", task); }

TaskState task_state(const wire::JobState& state) {
  if (const auto* failed = std::get_if<wire::Failed>(&state.reply)) return problem(failed->error);
  if (const auto* running = std::get_if<wire::Running>(&state.reply))
    return RunningState{running->batch_size, running->device};
  if (const auto* done = std::get_if<wire::Done>(&state.reply)) return TaskPicture{*done, nullptr, {}};
  const auto& queued = std::get<wire::Queued>(state.reply);
  if (state.deliveries == 0)
    return QueuedState{{}, {}, "the task waits in JetStream until a worker has a place for it"};
  return QueuedState{queued.position, queued.eta.count() > 0 ? std::optional(queued.eta) : std::nullopt, {}};
}

}  // namespace

JobStore::JobStore(std::shared_ptr<Connection> connection, const std::string& prefix)
    : connection_(std::move(connection)),
      prefix_(prefix),
      jobs_(*connection_, prefix, state_timeout),
      states_(*connection_, std::string(jobs_bucket), state_timeout),
      pictures_(*connection_, std::string(pictures_bucket), picture_timeout) {}

std::string JobStore::ends_subject() const { return job_ended_subject(prefix_, job_id(">")); }

std::string JobStore::task_of(std::string_view subject) { return std::string(subject.substr(subject.rfind('.') + 1)); }

Result<bool> JobStore::exists() {
  const auto jobs = jobs_.exist();
  if (!jobs || !*jobs) return jobs;
  const auto pictures = pictures_.options();
  if (!pictures) return pictures.error();
  return pictures->has_value();
}

Status JobStore::submit(const std::string& id, const Submission& submission, std::chrono::milliseconds timeout) {
  Status stored = store(id, submission, timeout);
  if (stored) return stored;
  (void)jobs_.cancel(job_id(id));  // the message may have been stored, although its acknowledgement did not come
  remove_inputs(id);
  return stored;
}

Status JobStore::store(const std::string& id, const Submission& submission, std::chrono::milliseconds timeout) {
  Request request;
  request.id = job_id(id);
  request.timeout = timeout;
  request.options = submission.options;
  const auto payload_max = static_cast<std::size_t>(std::max<std::int64_t>(connection_->max_payload(), 0));
  const auto place = [&](const std::string& file, const ObjectName& at, auto& in_message,
                         std::optional<ObjectName>& stored) -> Status {
    in_message = EncodedFile{as_bytes(file)};
    if (file.size() <= std::min(inline_bytes_max, payload_max / 4)) return Ok{};
    stored = at;
    return pictures_.put(at.name, as_bytes(file));
  };
  Status placed = place(submission.image, job_image(request.id), request.image, request.image_at);
  if (placed) placed = place(submission.mask, job_mask(request.id), request.mask, request.mask_at);
  if (!placed) return placed;
  const auto made = jobs_.submit(request, submission.priority, wire::with_trace({}, submission.traceparent));
  if (!made) return made.error();
  return Ok{};
}

Result<std::optional<JobStore::Seen>> JobStore::look(const std::string& id) {
  const auto state = jobs_.state(job_id(id));
  if (!state) return state.error();
  return *state ? seen(**state) : std::optional<Seen>();
}

Result<std::optional<JobStore::Seen>> JobStore::read(const std::string& id, Bytes hint) {
  auto state = wire::decode_job_state(job_id(id), hint);
  if (!state) return state.error();
  return seen({std::move(*state)});
}

Result<std::optional<JobStore::Seen>> JobStore::seen(const Jobs::State& state) {
  std::optional<Seen> seen(std::in_place);
  seen->state = task_state(state);
  seen->revision = state.revision;
  if (auto* picture = std::get_if<TaskPicture>(&seen->state)) {
    if (!picture->result) return Error{ErrorCode::store_failed, "the state of a task that is done names no result"};
    const auto object = pictures_.info(picture->result->name);
    if (!object && object.error().code == ErrorCode::object_not_found) return std::optional<Seen>();
    if (!object) return object.error();
    picture->stored_bytes = object->bytes;
  }
  return seen;
}

Result<std::optional<JobStore::Seen>> JobStore::end(const std::string& id, const Error& why) {
  const auto ended = jobs_.cancel(job_id(id), why);
  if (!ended) return ended.error();
  if (!*ended) return look(id);
  remove_inputs(id);
  std::optional<Seen> seen(std::in_place);
  seen->state = problem(why);
  return seen;
}

Result<std::optional<JobStore::Seen>> JobStore::cancel(const std::string& id) {
  const auto state = jobs_.state(job_id(id));
  if (!state) return state.error();
  if (!*state) return std::optional<Seen>();
  if (!(*state)->is_final()) return end(id, {ErrorCode::cancelled, "the task was cancelled by a client"});
  // A worker that receives the job of an end that a client wrote must find that end.
  if ((*state)->deliveries == 0) return seen(**state);
  if (Status forgotten = forget(id); !forgotten) return forgotten.error();
  return std::optional<Seen>();
}

Status JobStore::forget(const std::string& id) {
  remove_inputs(id);
  if (Status removed = pictures_.remove(job_result(job_id(id)).name); !removed) return removed;
  return states_.remove(job_id(id));
}

Result<std::string> JobStore::picture(const TaskPicture& done) { return pictures_.get(done.result->name); }

void JobStore::remove_inputs(const std::string& id) {
  for (const ObjectName& each : {job_image(job_id(id)), job_mask(job_id(id))}) (void)pictures_.remove(each.name);
}

}  // namespace inpaintd::gateway
