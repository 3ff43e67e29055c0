// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/requester.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace inpaintd::gateway {
namespace {

using std::chrono::milliseconds;

constexpr const char* overdue_text =
    "no worker answered in time: the worker that took the request is gone or hangs; try again";
constexpr const char* disconnected_note = "the connection to the NATS server is lost; the request is sent again";

std::optional<milliseconds> known(milliseconds eta) { return eta.count() > 0 ? std::optional(eta) : std::nullopt; }

}  // namespace

Requester::Requester(RequestPort& port, RetryPolicy retry, Listener listener, RequesterSettings settings)
    : port_(port), retry_(std::move(retry)), listener_(std::move(listener)), settings_(settings) {}

void Requester::ask(const std::string& id, std::shared_ptr<const Submission> submission, milliseconds timeout,
                    TimePoint now) {
  Task task;
  task.submission = std::move(submission);
  task.deadline = now + timeout;
  send(tasks_.emplace(id, std::move(task)).first, now);
}

void Requester::cancel(const std::string& id) {
  const auto entry = tasks_.find(id);
  if (entry == tasks_.end()) return;
  for (const std::string& token : entry->second.tokens) port_.cancel(token);
  end(entry, problem(ErrorCode::cancelled, "the task was cancelled by a client"));
}

void Requester::answered(const std::string& token, const wire::Reply& reply, std::shared_ptr<const void> owner,
                         TimePoint now) {
  const auto entry = find(token);
  if (entry == tasks_.end()) return;
  if (const auto* done = std::get_if<wire::Done>(&reply)) return end(entry, TaskPicture{*done, std::move(owner), {}});
  if (!is_current(entry, token)) return;
  if (const auto* failed = std::get_if<wire::Failed>(&reply)) {
    Task& task = entry->second;
    if (failed->error.code == ErrorCode::too_large && !task.stored && port_.can_store()) {
      task.stored = true;
      return send(entry, now);
    }
    return fail(entry, failed->error, problem(failed->error), now);
  }
  const std::string id = entry->first;
  if (const auto* queued = std::get_if<wire::Queued>(&reply))
    return listener_(id, QueuedState{queued->position, known(queued->eta), {}});
  const auto& running = std::get<wire::Running>(reply);
  listener_(id, RunningState{running.batch_size, running.device});
}

void Requester::no_responders(const std::string& token, TimePoint now) {
  const auto entry = find(token);
  if (entry == tasks_.end() || !is_current(entry, token)) return;
  const Task& task = entry->second;
  const Problem none = no_workers(port_.subject(task.submission->priority));
  // A task that a worker had accepted before may outlive a moment without workers; a new one is refused at once.
  if (!task.resent && task.attempt == 0) return end(entry, none);
  fail(entry, {ErrorCode::shutting_down, none.message}, none, now);
}

void Requester::denied(const std::string& subject, const Error& error) {
  std::vector<std::string> ids;
  for (const auto& [id, task] : tasks_)
    if (port_.subject(task.submission->priority) == subject) ids.push_back(id);
  for (const std::string& id : ids)  // a listener may end other tasks meanwhile
    if (const auto entry = tasks_.find(id); entry != tasks_.end()) end(entry, problem(error));
}

void Requester::publish_failed(const std::string& token, const Error& error, TimePoint now) {
  const auto entry = find(token);
  if (entry == tasks_.end() || !is_current(entry, token)) return;
  if (error.code == ErrorCode::too_large) return end(entry, problem(error));
  fail(entry, {ErrorCode::shutting_down, error.message}, gateway::disconnected(), now);
}

void Requester::disconnected() {
  std::vector<std::string> ids;
  for (auto& [id, task] : tasks_) {
    task.next_try.reset();
    ids.push_back(id);
  }
  for (const std::string& id : ids)
    if (tasks_.contains(id)) listener_(id, QueuedState{{}, {}, disconnected_note});
}

void Requester::connected(TimePoint now) {
  for (auto& [id, task] : tasks_) {
    task.next_try = now + settings_.resend_after;
    task.resent = true;
  }
}

void Requester::tick(TimePoint now) {
  std::vector<std::string> due, overdue;
  for (const auto& [id, task] : tasks_) {
    if (now >= task.deadline + settings_.grace) {
      overdue.push_back(id);
    } else if (task.next_try && now >= *task.next_try && now < task.deadline && port_.connected()) {
      due.push_back(id);
    }
  }
  // A listener may end other tasks meanwhile.
  for (const std::string& id : overdue)
    if (const auto entry = tasks_.find(id); entry != tasks_.end())
      end(entry, problem(ErrorCode::deadline_exceeded, overdue_text));
  for (const std::string& id : due)
    if (const auto entry = tasks_.find(id); entry != tasks_.end()) send(entry, now);
}

Requester::Entry Requester::find(const std::string& token) {
  const auto found = of_token_.find(token);
  return found == of_token_.end() ? tasks_.end() : tasks_.find(found->second);
}

bool Requester::is_current(Entry entry, const std::string& token) const {
  return entry->second.token == token && !(entry->second.next_try && !entry->second.resent);
}

void Requester::send(Entry entry, TimePoint now) {
  Task& task = entry->second;
  task.next_try.reset();
  task.token = port_.new_token();
  task.tokens.push_back(task.token);
  of_token_.emplace(task.token, entry->first);
  const auto left = std::chrono::duration_cast<milliseconds>(task.deadline - now);
  port_.publish(task.token, task.submission, std::clamp(left, milliseconds(1), timeout_max), task.stored);
}

void Requester::fail(Entry entry, const Error& error, Problem last, TimePoint now) {
  Task& task = entry->second;
  const auto wait = retry_ ? retry_(error, task.attempt) : std::nullopt;
  if (!wait || task.attempt >= settings_.retries_max || now + *wait >= task.deadline)
    return end(entry, std::move(last));
  ++task.attempt;
  task.next_try = now + *wait;
  task.resent = false;
  const std::string id = entry->first;
  listener_(id, QueuedState{{},
                            {},
                            fmt::format("{}: {}; trying again in {:.1f} s", info(error.code).name, error.message,
                                        std::chrono::duration<double>(*wait).count())});
}

void Requester::end(Entry entry, TaskState state) {
  for (const std::string& token : entry->second.tokens) of_token_.erase(token);
  const std::string id = entry->first;
  tasks_.erase(entry);
  listener_(id, std::move(state));
}

}  // namespace inpaintd::gateway
