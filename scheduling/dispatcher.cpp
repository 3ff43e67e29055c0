// SPDX-License-Identifier: Apache-2.0
#include "scheduling/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace inpaintd {
namespace {

// Tasks whose job ended elsewhere while they waited are rare; until they are found, they only take memory.
constexpr std::chrono::milliseconds look_through_interval{100};

auto in_ms(Clock::duration time) { return std::chrono::ceil<std::chrono::milliseconds>(time).count(); }

}  // namespace

Dispatcher::Dispatcher(const DispatcherSettings& settings, std::shared_ptr<Admission> admission,
                       std::shared_ptr<const Cancellations> cancellations)
    : settings_(settings),
      admission_(std::move(admission)),
      cancellations_(std::move(cancellations)),
      queues_(settings.age_max),
      lanes_(settings.watchdog),
      estimator_(latencies_, lanes_, queues_, settings.size_max) {}

// ---- Events -------------------------------------------------------------------------------------------------------

void Dispatcher::arrive(const JobPtr& job, TimePoint now) {
  if (abandoned_) return fail({job}, *abandoned_);
  if (cancellations_ && cancellations_->contains(job->ticket().id, now)) return fail({job}, cancelled_by_client());
  if (refuse_hopeless(job, now)) return;
  for (std::size_t tile = 0; tile < job->input().tiles.size(); ++tile) queues_.arrive({job, tile}, now);
  positions_.follow(job);
  look(now);
}

LaneId Dispatcher::enlist(const std::string& device, std::shared_ptr<NextBatch> slot,
                          std::span<const Measurement> known, TimePoint now) {
  const LaneId id = lanes_.add(device, std::move(slot));
  for (const Measurement& each : known) {
    latencies_.record(device, each.size, each.count, each.elapsed);
    lanes_.find(id)->ran.note(each.size, each.count);
  }
  look(now);
  return id;
}

// The lane is changed first, because it has to be right even if there is no memory to learn from the last batch.
void Dispatcher::started(LaneId id, const Measurement& last, TimePoint now) {
  Lane* lane = lanes_.find(id);
  if (!lane || lane->lost) return;
  const bool was_hung = DeviceLanes::came_back(*lane);
  lanes_.took_next(*lane, now);
  if (was_hung)
    actions_.back.push_back(id);
  else
    learn(*lane, last);
  if (lane->running->empty()) return;
  lane->expected = estimator_.batch_time(*lane, lane->running->front().input().network_size(), lane->running->size());
  for (const Task& task : *lane->running)
    if (auto news = positions_.started(task.job, lane->running->size(), lane->device))
      actions_.progress.push_back(std::move(*news));
  tell_admission(now);
  look(now);
}

void Dispatcher::idle(LaneId id, const Measurement& last, TimePoint now) {
  Lane* lane = lanes_.find(id);
  if (!lane || lane->lost) return;
  const bool was_hung = DeviceLanes::came_back(*lane);
  if (lane->next) {  // the replica looked just before the batch was put there
    lane->since = now;
    actions_.tell.push_back(id);
  }
  if (was_hung)
    actions_.back.push_back(id);
  else
    learn(*lane, last);
  tell_admission(now);
  look(now);
}

void Dispatcher::ended(LaneId id, TimePoint now) {
  auto lane = lanes_.remove(id);
  if (!lane) return;
  take_back(*lane, End::died);
  look(now);
}

bool Dispatcher::lost(const std::string& device, TimePoint now) {
  const std::vector<Lane*> lanes = lanes_.mark_lost(device);
  for (Lane* lane : lanes) take_back(*lane, End::lost);
  look(now);
  return !lanes.empty();
}

void Dispatcher::cancel(const std::string& request_id, TimePoint now) {
  const auto named = [&](const Task& task) { return task.job->ticket().id == request_id; };
  lanes_.for_each([&](Lane& lane) {
    if (lane.next && std::ranges::any_of(*lane.next, named)) recall(lane);
  });
  for (const Task& task : queues_.take_if(named)) fail(task, cancelled_by_client());
  look(now);
}

void Dispatcher::drain(TimePoint now) {
  settings_.wait_max = std::chrono::milliseconds(0);
  look(now);
}

void Dispatcher::abandon() {
  const Error error{ErrorCode::shutting_down,
                    "this worker stopped before the request was computed; send the request again"};
  abandoned_ = error;  // also for requests that are still being decoded
  for (const Task& task : queues_.take_if([](const Task&) { return true; })) fail(task, error);
  lanes_.for_each_given([&](const Task& task) { fail(task, error); });
}

void Dispatcher::look(TimePoint now) {
  wake_time_ = TimePoint::max();
  give_up_hung(now);
  if (now >= std::min(given_deadline_, looked_through_ + look_through_interval)) look_through(now);
  for (Lane* lane : lanes_.outdated(queues_, settings_.size_max, now)) recall(*lane);
  drop_late(now);
  serve(now);

  wake_at(lanes_.next_overdue());
  wake_at(given_deadline_);
  if (const auto deadline = queues_.earliest_deadline()) wake_at(*deadline);
  report_positions(now);
}

void Dispatcher::repair() {
  lanes_.for_each([&](const Lane& lane) {
    if (lane.next && !lane.running) actions_.tell.push_back(lane.id);
  });
}

// ---- Tasks --------------------------------------------------------------------------------------------------------

// Examines tasks one by one: fails those of the devices whose deadline has passed, and removes those whose job has
// ended (another tile failed, or an identical request was answered), which need no device any more.
void Dispatcher::look_through(TimePoint now) {
  looked_through_ = now;
  given_deadline_ = TimePoint::max();
  lanes_.for_each_given([&](const Task& task) {
    if (task.job->ended()) return;
    if (task.job->ticket().deadline <= now)
      fail(task, {ErrorCode::deadline_exceeded,
                  "the deadline passed while a device was computing the request; send the "
                  "request again with a longer timeout_ms"});
    else
      given_deadline_ = std::min(given_deadline_, task.job->ticket().deadline);
  });
  const auto ended = [](const Task& task) { return task.job->ended(); };
  lanes_.for_each([&](Lane& lane) {
    if (lane.next && std::ranges::any_of(*lane.next, ended)) recall(lane);
  });
  for (const Task& task : queues_.take_if(ended)) positions_.forget(task.job);
}

// Fails waiting tasks whose deadline has passed and, before a batch is made, tasks whose time left is too short for any
// device. An idle device tries in any case.
void Dispatcher::drop_late(TimePoint now) {
  const bool one_is_free = lanes_.has_free();
  const bool one_is_idle = lanes_.idle_count() > 0;
  const auto earliest = queues_.earliest_deadline();
  if (!earliest || (*earliest > now && (!one_is_free || one_is_idle))) return;
  std::function<Microseconds(Size)> least = [](Size) { return Microseconds{}; };
  if (one_is_free && !one_is_idle) least = estimator_.least_times(now);
  const Error error{ErrorCode::deadline_exceeded,
                    "the deadline passed in the queue, or the time left is shorter than one run on a device; send the "
                    "request again later, or with a longer timeout_ms"};
  for (const Task& task : queues_.take_late([&](Size size) { return now + least(size); })) fail(task, error);
}

// A request that cannot be done in time is answered now rather than at its deadline. An idle device tries in any case:
// otherwise one slow measurement could make the service refuse everything for ever, without a new one to correct it.
bool Dispatcher::refuse_hopeless(const JobPtr& job, TimePoint now) {
  if (lanes_.idle_count() > 0) return false;
  const auto needed = estimator_.time_to_completion(job, now);
  if (!needed || now + *needed <= job->ticket().deadline) return false;
  fail({job}, {ErrorCode::deadline_exceeded,
               fmt::format("the estimated time to completion is {} ms, but the deadline is in {} ms; send the request "
                           "again later, or with a longer timeout_ms",
                           in_ms(*needed), in_ms(job->ticket().deadline - now))});
  return true;
}

void Dispatcher::fail(const Task& task, const Error& error) {
  positions_.forget(task.job);
  if (auto outcome = task.job->fail(error)) actions_.outcomes.push_back(std::move(*outcome));
}

void Dispatcher::report_positions(TimePoint now) {
  if (positions_.due(now)) {
    std::vector<Positions::Waiting> waiting;
    const auto add = [&](const Task& task) { waiting.push_back({urgency(task), task.number, task.job}); };
    lanes_.for_each_next([&](const std::vector<Task>& batch) { std::ranges::for_each(batch, add); });
    queues_.for_each(add);
    for (Progress& news : positions_.update(std::move(waiting), now, estimator_.behind_running(now)))
      actions_.progress.push_back(std::move(news));
  }
  if (const auto when = positions_.look_again()) wake_at(*when);
}

Dispatcher::Waiting Dispatcher::waiting() const {
  Waiting counts;
  lanes_.for_each_next([&](const std::vector<Task>& batch) {
    for (const Task& task : batch) ++counts[{task.input().network_size(), task.job->ticket().priority}];
  });
  queues_.for_each_line(
      [&](Size size, Priority priority, const TaskLine& line) { counts[{size, priority}] += line.size(); });
  return counts;
}

bool Dispatcher::nothing_waits() const {
  bool nothing = queues_.empty();
  lanes_.for_each_next([&](const std::vector<Task>&) { nothing = false; });
  return nothing;
}

}  // namespace inpaintd
