// SPDX-License-Identifier: Apache-2.0
// What JobTasks does without being asked: it looks for the buckets, hears of ends, ends what is overdue, and looks at
// tasks that clients wait for.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "gateway/tasks/ask.h"
#include "gateway/tasks/job_tasks.h"

namespace inpaintd::gateway {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds ask_interval = 10s;     // for buckets that are made while the gateway runs
constexpr milliseconds ask_after_error = 60s;  // where the server cannot tell: each denial is a line of the log
constexpr milliseconds look_interval = 1s;     // for the events of tasks that clients wait for
constexpr milliseconds end_again = 1s;         // after a failure

Error overdue() {
  return {ErrorCode::deadline_exceeded,
          "no worker finished the task within its timeout; try again, or ask for a longer timeout_ms"};
}

}  // namespace

void JobTasks::Sink::receive(const Message& hint) {
  const std::lock_guard lock(mutex);
  if (tasks == nullptr) return;
  tasks->parts_.loop.post([self = tasks, hint] { self->told(JobStore::task_of(hint.subject()), hint); });
}

void JobTasks::tick() {
  const TimePoint now = Clock::now();
  look_for_buckets(now);
  if (available_ != true || !connected_) return;
  end_overdue(now);
  look_at_watched(now);
}

void JobTasks::look_for_buckets(TimePoint now) {
  const bool connected = parts_.connected();
  const bool again = connected && !connected_;  // another server may have other buckets
  connected_ = connected;
  if (again) next_ask_ = now;
  if (!connected || asking_ || now < next_ask_) return;
  asking_ = true;
  ask(
      parts_.loop, parts_.looks, [jobs = jobs_] { return jobs->exists(); },
      [this](const Result<bool>& exist) { found_buckets(exist); });
}

void JobTasks::found_buckets(const Result<bool>& exist) {
  asking_ = false;
  if (!exist && !parts_.connected()) return;
  const bool before = available_ == true;
  // A server that cannot tell for a moment has not lost its buckets.
  if (exist || !before) available_ = exist && *exist;
  next_ask_ = available_ == true ? TimePoint::max() : Clock::now() + (exist ? ask_interval : ask_after_error);
  if (available_ != true || before) return;
  spdlog::info("tasks are kept in JetStream");
  listen();
}

void JobTasks::listen() {
  if (ends_) return;
  auto ends = parts_.connection->subscribe(jobs_->ends_subject(), "",
                                           [sink = sink_](const Message& hint) { sink->receive(hint); });
  if (!ends) return spdlog::warn("{}; the ends of tasks are noticed a second later", ends.error().message);
  ends_.emplace(std::move(*ends));
}

void JobTasks::told(const std::string& id, const Message& hint) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end() || is_final(found->second.state)) return;
  ask(
      parts_.loop, parts_.looks, [jobs = jobs_, id, hint] { return jobs->read(id, hint.data()); },
      [this, id](const Result<Seen>& seen) {
        if (!seen || !*seen || !is_final((*seen)->state)) return;
        changed(id, *seen);
        drop(id);
      });
}

void JobTasks::end_overdue(TimePoint now) {
  for (auto& [id, task] : tasks_) {
    if (!task.own || task.storing || task.ending || now < task.own->deadline) continue;
    task.ending = true;
    ask(
        parts_.loop, parts_.looks, [jobs = jobs_, id] { return jobs->end(id, overdue()); },
        [this, id](const Result<Seen>& seen) {
          const auto found = tasks_.find(id);
          if (found == tasks_.end()) return;
          found->second.ending = false;
          if (!seen && found->second.own) found->second.own->deadline = Clock::now() + end_again;
          if (!seen) return;
          changed(id, *seen);
          drop(id);
        });
  }
}

void JobTasks::look_at_watched(TimePoint now) {
  if (looking_ || now < next_look_) return;
  next_look_ = now + look_interval;
  std::vector<std::string> watched, idle;
  for (auto& [id, task] : tasks_) {
    std::erase_if(task.watchers, [](const auto& each) { return each.expired(); });
    if (!task.watchers.empty()) watched.push_back(id);
    if (task.watchers.empty()) idle.push_back(id);
  }
  for (const std::string& id : idle) drop(id);
  if (watched.empty()) return;
  looking_ = true;
  look(watched, [this](const std::optional<Problem>&) { looking_ = false; });
}

}  // namespace inpaintd::gateway
