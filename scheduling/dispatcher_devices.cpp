// SPDX-License-Identifier: Apache-2.0
// The part of the dispatcher that gives batches to devices and takes them back.
#include <algorithm>
#include <utility>

#include "scheduling/dispatcher.h"

namespace inpaintd {
namespace {

constexpr int aged_turn_every = 4;  // batches: aged tasks get a quarter of the devices' time, if they need it

}  // namespace

void Dispatcher::learn(Lane& lane, const Measurement& last) {
  if (last.count == 0) return;
  if (last.whole) {  // the time of a failed run does not tell the time of the next one
    latencies_.record(lane.device, last.size, last.count, last.elapsed);
    caps_.worked(lane.device, last.size, last.count);
    lane.ran.note(last.size, last.count);
  }
  if (last.out_of_memory_from > 0) caps_.out_of_memory(lane.device, last.size, last.out_of_memory_from);
  queues_.charge(last.size, last.elapsed);
}

void Dispatcher::tell_admission(TimePoint now) const {
  if (admission_) admission_->set_expected_wait(estimator_.wait_of_new_request(now));
}

void Dispatcher::serve(TimePoint now) {
  std::vector<Lane*> free = lanes_.free_lanes();
  if (free.empty() || queues_.empty()) return;
  std::vector<QueueView> views = queues_.views(now);
  while (!free.empty() && !views.empty()) {
    Lane* lane = lanes_.first_to_serve(free);
    const Decision decision = decide(*lane, views, now);
    if (decision.look_again) wake_at(*decision.look_again);
    if (decision.leave) {
      lane = prepared_for(decision, lane, free);
      give(*lane, decision, now);
    }
    std::erase(free, lane);
    if (decision.leave && !free.empty()) views = queues_.views(now);
  }
}

Decision Dispatcher::decide(const Lane& lane, const std::vector<QueueView>& views, TimePoint now) const {
  const TimePoint starts = lane.running ? std::max(now, lane.free_at()) : now;
  const DeviceView view{lane.device, latencies_, caps_, starts, lanes_.idle_count()};
  return choose_batch(views, view, settings_, now);
}

// Engines prepare for each size and count, so a lane that ran such a batch before is preferred to its peers.
Lane* Dispatcher::prepared_for(const Decision& decision, Lane* lane, const std::vector<Lane*>& free) const {
  if (lane->running) return lane;
  const auto prepared = [&](const Lane* other) {
    return other->ran.contains(*decision.leave, decision.count) &&
           caps_.cap(other->device, *decision.leave, decision.count) == decision.count;
  };
  if (prepared(lane)) return lane;
  const std::vector<Lane*> peers = lanes_.peers(*lane, free);
  const auto found = std::ranges::find_if(peers, prepared);
  return found == peers.end() ? lane : *found;
}

void Dispatcher::give(Lane& lane, const Decision& decision, TimePoint now) {
  auto batch = std::make_shared<const std::vector<Task>>(queues_.take(*decision.leave, decision.count, now));
  const std::size_t count = batch->size();
  const bool aged = queues_.urgency_now(batch->front(), now).rank == 0;
  for (const Task& task : *batch) given_deadline_ = std::min(given_deadline_, task.job->ticket().deadline);
  count_batch(aged ? -batches_since_aged_ : 1);
  if (!DeviceLanes::give(lane, std::move(batch), decision.full, aged, now)) return;
  actions_.tell.push_back(lane.id);
  lane.expected = estimator_.batch_time(lane, *decision.leave, count);
}

void Dispatcher::recall(Lane& lane) {
  const Batch batch = DeviceLanes::recall(lane);
  if (!batch) return;
  for (const Task& task : *batch) queues_.put_back(task);
  count_batch(lane.next_aged ? aged_turn_every : -1);
}

void Dispatcher::count_batch(int batches) {
  batches_since_aged_ = std::clamp(batches_since_aged_ + batches, 0, aged_turn_every);
  queues_.set_aged_turn(batches_since_aged_ >= aged_turn_every - 1);
}

void Dispatcher::give_up_hung(TimePoint now) {
  for (Lane* lane : lanes_.overdue(now)) {
    actions_.hung.push_back({lane->id, std::chrono::duration_cast<std::chrono::milliseconds>(now - lane->since)});
    take_back(*lane, End::died);
    lane->hung = true;
  }
}

// The next batch has not been tried, so it is only recalled. A batch that the replica took without a message counts as
// running.
void Dispatcher::take_back(Lane& lane, End end) {
  recall(lane);
  for (Batch* batch : {&lane.running, &lane.next})
    if (*batch) retry(std::exchange(*batch, nullptr), end);
}

void Dispatcher::retry(const Batch& batch, End end) {
  for (Task task : *batch) {
    if (task.job->ended()) continue;
    if (end == End::lost && task.losses == 0) {
      ++task.losses;
    } else if (task.attempts < settings_.retries_max) {
      ++task.attempts;
    } else {
      fail(task,
           {ErrorCode::device_failed, "the device failed while it computed the request; send the request again later"});
      continue;
    }
    queues_.put_back(std::move(task));
  }
}

}  // namespace inpaintd
