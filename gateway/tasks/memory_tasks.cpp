// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/memory_tasks.h"

#include <fmt/format.h>

#include <utility>

#include "gateway/tasks/random_id.h"

namespace inpaintd::gateway {
namespace {

Problem too_large(std::size_t bytes, std::size_t max) {
  return problem(
      ErrorCode::too_large,
      fmt::format("picture and mask have {} bytes, and the NATS server carries {} in one message; send a "
                  "JPEG or WebP file, or let the operator make the object store with inpaint-setup, or raise "
                  "max_payload in the server's configuration",
                  bytes, max));
}

}  // namespace

MemoryTasks::MemoryTasks(RequestPort& port, RetryPolicy retry, RequesterSettings requester, TasksSettings settings,
                         PayloadMax payload_max, Now now, Finished finished)
    : port_(port),
      settings_(settings),
      payload_max_(std::move(payload_max)),
      now_(std::move(now)),
      finished_call_(std::move(finished)),
      requester_(
          port, std::move(retry), [this](const std::string& id, TaskState state) { changed(id, std::move(state)); },
          requester) {}

std::variant<std::string, Problem> MemoryTasks::start(Submission submission) {
  if (!port_.connected()) return disconnected();
  const std::size_t bytes = submission.bytes(), payload_max = payload_max_();
  if (payload_max > 0 && bytes + message_overhead > payload_max) return too_large(bytes, payload_max);
  if (!make_room(bytes, 1)) return full(settings_);
  const std::string id = random_id();
  Task& task = tasks_[id];
  task.bytes = bytes;
  task.started = now_();
  bytes_ += bytes;
  const auto timeout = submission.timeout.value_or(settings_.timeout_default);
  requester_.ask(id, std::make_shared<const Submission>(std::move(submission)), timeout, task.started);
  return id;
}

const TaskState* MemoryTasks::find(const std::string& id) const {
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? nullptr : &found->second.state;
}

void MemoryTasks::cancel(const std::string& id, Then then) {
  const auto found = tasks_.find(id);
  if (found != tasks_.end() && is_final(found->second.state)) {
    forget(id);
  } else {
    requester_.cancel(id);
  }
  then({});
}

Tasks::Watch MemoryTasks::watch(const std::string& id, Watcher watcher) {
  auto watch = std::make_shared<const Watcher>(std::move(watcher));
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return watch;
  auto& watchers = found->second.watchers;
  std::erase_if(watchers, [](const auto& each) { return each.expired(); });
  watchers.push_back(watch);
  return watch;
}

void MemoryTasks::tick() {
  const TimePoint now = now_();
  while (!finished_.empty() && now >= tasks_.at(finished_.front()).finished + settings_.age_max)
    forget(finished_.front());
  requester_.tick(now);
}

void MemoryTasks::changed(const std::string& id, TaskState state) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  Task& task = found->second;
  task.state = std::move(state);
  const auto watchers = task.watchers;  // they may watch others while they are called
  const TaskState now = task.state;
  if (is_final(now)) {
    const auto* picture = std::get_if<TaskPicture>(&now);
    const std::size_t bytes = picture == nullptr ? 0 : picture->image.size();
    bytes_ -= task.bytes;
    task.bytes = 0;
    // The new result stays even where there is not enough room: it was paid for, and it is the newest.
    (void)make_room(bytes, 0);
    task.bytes = bytes;
    bytes_ += bytes;
    task.finished = now_();
    task.watchers.clear();
    task.place = finished_.insert(finished_.end(), id);
    if (finished_call_) finished_call_(id, now, std::chrono::duration_cast<Microseconds>(task.finished - task.started));
  }
  for (const auto& each : watchers)
    if (const Watch watch = each.lock()) (*watch)(id, now);
}

void MemoryTasks::forget(const std::string& id) {
  const auto found = tasks_.find(id);
  bytes_ -= found->second.bytes;
  finished_.erase(found->second.place);  // `id` may be the list's own text: not used after this
  tasks_.erase(found);
}

bool MemoryTasks::make_room(std::size_t bytes, std::size_t tasks) {
  const auto fits = [&] {
    return bytes_ + bytes <= settings_.bytes_max && tasks_.size() + tasks <= settings_.count_max;
  };
  while (!fits() && !finished_.empty()) forget(finished_.front());
  return fits();
}

}  // namespace inpaintd::gateway
