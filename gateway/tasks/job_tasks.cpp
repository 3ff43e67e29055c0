// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/job_tasks.h"

#include <algorithm>
#include <iterator>

#include "gateway/tasks/ask.h"
#include "gateway/tasks/random_id.h"

namespace inpaintd::gateway {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// In a cluster another server may answer than the one that has just stored the task.
constexpr milliseconds replica_wait = 100ms;

Problem gone() {
  return not_found("the task is gone: a client has removed it, or its result is too old; send the picture again");
}

Problem no_buckets() {
  return problem(ErrorCode::store_failed,
                 "the NATS server has no place for tasks; make it with inpaint-setup, or start the gateway with "
                 "--tasks auto");
}

/// A picture that was fetched, with its place in the bound of all of them.
struct FetchedPicture {
  FetchedPicture(std::shared_ptr<std::atomic<std::size_t>> all, std::size_t size) : all(std::move(all)), size(size) {
    *this->all += size;
  }
  FetchedPicture(const FetchedPicture&) = delete;
  FetchedPicture& operator=(const FetchedPicture&) = delete;
  ~FetchedPicture() { *all -= size; }

  const std::shared_ptr<std::atomic<std::size_t>> all;
  const std::size_t size;
  std::string bytes;
};

}  // namespace

JobTasks::JobTasks(Parts parts)
    : parts_(std::move(parts)),
      jobs_(std::make_shared<JobStore>(parts_.connection, parts_.prefix)),
      sink_(std::make_shared<Sink>()) {
  sink_->tasks = this;
}

JobTasks::~JobTasks() { close(); }

void JobTasks::close() {
  {
    const std::lock_guard lock(sink_->mutex);
    sink_->tasks = nullptr;
  }
  ends_.reset();
  jobs_.reset();
  parts_.connection.reset();
}

void JobTasks::submit(Submission submission, Started then) {
  if (!parts_.connected()) return then(disconnected());
  if (available_ != true) return then(no_buckets());
  const std::size_t bytes = submission.bytes();
  if (bytes_ + bytes > parts_.settings.bytes_max || tasks_.size() >= parts_.settings.count_max)
    return then(full(parts_.settings));
  const std::string id = random_id();
  const auto timeout = submission.timeout.value_or(parts_.settings.timeout_default);
  const TimePoint now = Clock::now();
  Task& task = tasks_[id];
  task.own = Own{now, now + timeout};
  task.storing = true;
  ++own_;
  ++storing_;
  bytes_ += bytes;
  ask(
      parts_.loop, parts_.store,
      [jobs = jobs_, id, timeout, submission = std::make_shared<const Submission>(std::move(submission))] {
        return jobs->submit(id, *submission, timeout);
      },
      [this, id, bytes, then](const Status& result) {
        bytes_ -= bytes;
        stored(id, result, then);
      });
}

void JobTasks::stored(const std::string& id, const Status& result, const Started& then) {
  --storing_;
  Task& task = tasks_.at(id);
  task.storing = false;
  // A worker may be faster than the server's acknowledgement, which may also be lost.
  if (!result && !is_final(task.state)) {
    const Problem refusal = problem(result.error());
    tell(id, task, refusal);
    then(refusal);
  } else {
    then(id);
  }
  drop(id);
}

void JobTasks::load(const std::vector<std::string>& ids, Then then) {
  std::vector<std::string> valid;
  std::ranges::copy_if(ids, std::back_inserter(valid), is_random_id);
  if (valid.empty() || available_ == false) return then({});
  if (!available_ || !parts_.connected()) return then(disconnected());
  look(valid, std::move(then));
}

void JobTasks::look(const std::vector<std::string>& ids, Then then) { look_further(ids, {}, false, std::move(then)); }

void JobTasks::look_further(std::vector<std::string> ids, Answers known, bool again, Then then) {
  ask(
      parts_.loop, parts_.looks,
      [jobs = jobs_, ids = std::move(ids), known = std::move(known)]() -> Result<Answers> {
        Answers answers = known;
        for (const std::string& id : ids) {
          auto seen = jobs->look(id);
          if (!seen) return std::move(seen.error());
          answers.emplace_back(id, std::move(*seen));
        }
        return answers;
      },
      [this, again, then](Result<Answers> answers) {
        if (!answers) return then(problem(answers.error()));
        std::vector<std::string> missing;
        for (const auto& [id, seen] : *answers)
          if (!seen) missing.push_back(id);
        if (again || missing.empty()) return show(*answers, then);
        std::erase_if(*answers, [](const auto& each) { return !each.second; });
        parts_.loop.after(replica_wait, [this, missing, known = std::move(*answers), then] {
          look_further(missing, known, true, then);
        });
      });
}

void JobTasks::show(const Answers& answers, const Then& then) {
  for (const auto& [id, seen] : answers) {
    if (seen && !tasks_.contains(id)) {
      tasks_[id] = {.state = seen->state, .revision = seen->revision, .own = {}, .watchers = {}};
    } else {
      changed(id, seen);
    }
  }
  then({});
  for (const auto& [id, seen] : answers) drop(id);
}

const TaskState* JobTasks::find(const std::string& id) const {
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? nullptr : &found->second.state;
}

void JobTasks::cancel(const std::string& id, Then then) {
  ask(
      parts_.loop, parts_.looks, [jobs = jobs_, id] { return jobs->cancel(id); },
      [this, id, then](const Result<Seen>& seen) {
        if (!seen) return then(problem(seen.error()));
        show({{id, *seen}}, then);
      });
}

Tasks::Watch JobTasks::watch(const std::string& id, Watcher watcher) {
  auto watch = std::make_shared<const Watcher>(std::move(watcher));
  if (const auto found = tasks_.find(id); found != tasks_.end()) found->second.watchers.push_back(watch);
  return watch;
}

void JobTasks::fetch(const TaskState& end, Ended then) {
  const auto* picture = std::get_if<TaskPicture>(&end);
  if (picture == nullptr || !picture->image.empty() || !picture->result) return then(end);
  if (bytes() + picture->stored_bytes > parts_.settings.bytes_max) return then(full(parts_.settings));
  const auto fetched = std::make_shared<FetchedPicture>(fetched_, picture->stored_bytes);
  ask(
      parts_.loop, parts_.store, [jobs = jobs_, done = *picture] { return jobs->picture(done); },
      [then, fetched, done = *picture](Result<std::string> bytes) mutable {
        if (!bytes) return then(problem(bytes.error()));
        fetched->bytes = std::move(*bytes);
        TaskPicture whole = done;
        whole.image = as_bytes(fetched->bytes);
        whole.owner = fetched;
        then(whole);
      });
}

void JobTasks::changed(const std::string& id, const Seen& seen) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end() || is_final(found->second.state)) return;
  Task& task = found->second;
  if (!seen && task.storing) return;
  if (!seen) return tell(id, task, gone());
  if (seen->revision != 0 && seen->revision <= task.revision) return;
  task.revision = seen->revision;
  tell(id, task, seen->state);
}

void JobTasks::tell(const std::string& id, Task& task, TaskState state) {
  task.state = state;
  const auto watchers = is_final(state) ? std::exchange(task.watchers, {}) : task.watchers;
  if (is_final(state) && task.own) {
    const Own own = *std::exchange(task.own, std::nullopt);
    --own_;
    if (parts_.finished)
      parts_.finished(id, state, std::chrono::duration_cast<Microseconds>(Clock::now() - own.started));
  }
  for (const auto& each : watchers)
    if (const Watch watch = each.lock()) (*watch)(id, state);
}

void JobTasks::drop(const std::string& id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  const Task& task = found->second;
  const bool watched = std::ranges::any_of(task.watchers, [](const auto& each) { return !each.expired(); });
  if (!task.own && !task.storing && !watched) tasks_.erase(found);
}

}  // namespace inpaintd::gateway
