// SPDX-License-Identifier: Apache-2.0
// The batcher's side of its devices: what they are given, take, give back, and what is learnt from it.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/batcher.h"

namespace inpaintd {
namespace {

constexpr int aged_turn_every = 4;     // batches: a quarter of the devices' time, should they need it
constexpr int watchdog_multiple = 10;  // of the expected time: a batch that is halved again and again takes about five

}  // namespace

void Batcher::enlist(const caf::actor& device, const Enlistment& enlistment) {
  for (const Measurement& known : enlistment.known)
    latencies_.record(enlistment.name, known.size, known.count, known.elapsed);
  Lane& lane = lanes_[device.address()];
  lane.device = device;
  lane.enlistment = enlistment;
  monitor(device);
  dispatch();
}

void Batcher::started(const caf::actor& device, const Measurement& last) {
  Lane* lane = find(device.address());
  if (!lane) return;
  learn(*lane, last);
  lane->running = std::exchange(lane->next, nullptr);
  lane->since = clock().now();
  // It hung before it could say so, and others have the batch by now: it runs that for nothing, but it runs.
  if (!lane->running) lane->running = std::make_shared<const std::vector<Task>>();
  if (lane->running->empty()) return;
  const Size size = lane->running->front().input().network_size();
  lane->expected = latencies_.estimate(lane->enlistment.name, size, lane->running->size()).value_or(Microseconds{});
  for (const Task& task : *lane->running)
    if (auto news = positions_.started(task.job, lane->running->size(), lane->enlistment.name))
      repliers_.send(std::move(*news));
  dispatch();
}

void Batcher::idle(const caf::actor& device, const Measurement& last) {
  Lane* lane = find(device.address());
  if (!lane) return;
  learn(*lane, last);
  if (lane->next) {  // it looked just before that was put there
    lane->since = clock().now();
    send(lane->device, work_atom_v);
  }
  dispatch();
}

Batcher::Lane* Batcher::find(const caf::actor_addr& device) {
  const auto found = lanes_.find(device);
  return found == lanes_.end() ? nullptr : &found->second;
}

bool Batcher::has_idle() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& each) { return each.second.idle(); });
}

void Batcher::learn(Lane& lane, const Measurement& last) {
  const std::string& name = lane.enlistment.name;
  if (lane.hung) {
    spdlog::warn("{} came back", name);
    send(lane.enlistment.supervisor, back_atom_v, lane.device);
  } else if (last.count > 0) {
    // The time of a run that went wrong says nothing about the next.
    if (last.whole) latencies_.record(name, last.size, last.count, last.elapsed);
    if (last.whole) caps_.worked(name, last.size, last.count);
    if (last.out_of_memory_from > 0) caps_.out_of_memory(name, last.size, last.out_of_memory_from);
    queues_.charge(last.size, last.elapsed);
  }
  lane.hung = false;
  lane.running = nullptr;
  if (admission_) {
    Forecast ahead = forecast_with_next();
    for (const QueueView& queue : queues_.views(clock().now())) ahead.add_ahead(queue.size, queue.count);
    admission_->expect(ahead.until_free());
  }
}

void Batcher::put(Lane& lane, const Decision& decision) {
  const TimePoint now = clock().now();
  lane.next = std::make_shared<const std::vector<Task>>(queues_.take(*decision.leave, decision.count, now));
  lane.next_full = decision.full;
  lane.next_aged = queues_.urgency_now(lane.next->front(), now).rank == 0;
  count_turn(lane.next_aged ? -turns_ : 1);
  lane.enlistment.next->put(lane.next);
  if (lane.running) return;  // it looks when it is done
  lane.since = now;
  lane.expected =
      latencies_.estimate(lane.enlistment.name, *decision.leave, lane.next->size()).value_or(Microseconds{});
  send(lane.device, work_atom_v);
}

// Back to the queue, unless the device took it in this moment.
void Batcher::recall(Lane& lane) {
  if (!lane.next || !lane.enlistment.next->take()) return;
  for (const Task& task : *lane.next) queues_.put_back(task);
  lane.next = nullptr;
  count_turn(lane.next_aged ? aged_turn_every : -1);
}

void Batcher::count_turn(int turns) {
  turns_ = std::clamp(turns_ + turns, 0, aged_turn_every);
  queues_.set_aged_turn(turns_ >= aged_turn_every - 1);
}

// A next batch is decided again when something in it is gone, when it could be fuller, when something more urgent
// waits, and when another device has nothing to do.
void Batcher::recall_outdated() {
  const TimePoint now = clock().now();
  const auto gone = [now](const Task& task) { return task.job->ended() || task.job->ticket().deadline <= now; };
  const auto head = queues_.head(now);
  const bool hungry = !head && has_idle();
  for (auto& [address, lane] : lanes_) {
    if (!lane.next) continue;
    const Batch& next = lane.next;
    const int rank = lane.next_aged ? 0 : queues_.urgency_now(next->front(), now).rank;  // a batch is in order
    const bool room = !lane.next_full && queues_.holds(next->front().input().network_size());
    if (std::any_of(next->begin(), next->end(), gone) || room || (head && head->rank < rank) ||
        (hungry && lane.running))
      recall(lane);
  }
}

void Batcher::device_down(const caf::actor_addr& device) {
  const auto found = lanes_.find(device);
  if (found == lanes_.end()) return;
  Lane lane = std::move(found->second);
  lanes_.erase(found);
  recall(lane);
  // What it took without having said so is lost as well.
  for (const Batch& batch : {lane.running, lane.next})
    if (batch) lose(batch);
  dispatch();
}

void Batcher::give_up_hung() {
  const TimePoint now = clock().now();
  for (auto& [address, lane] : lanes_) {
    if (!lane.owes() || now < patience(lane)) continue;
    recall(lane);
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - lane.since).count();
    spdlog::error("{} hangs: it has not come back for {} ms", lane.enlistment.name, waited);
    send(lane.enlistment.supervisor, hung_atom_v, lane.device);
    lane.hung = true;
    for (Batch* batch : {&lane.running, &lane.next})
      if (*batch) lose(std::exchange(*batch, nullptr));
  }
}

TimePoint Batcher::patience(const Lane& lane) const {
  const Microseconds floor = settings_.watchdog;
  const auto time =
      lane.expected.count() > 0 ? std::max(floor, lane.expected * watchdog_multiple) : floor * watchdog_multiple;
  return lane.since + time;
}

void Batcher::lose(const Batch& batch) {
  for (Task task : *batch) {
    if (task.job->ended()) continue;
    if (task.attempts >= settings_.retries_max) {
      fail(std::span(&task, 1), {ErrorCode::device_failed, "the device failed while it worked on this request"});
    } else {
      ++task.attempts;
      queues_.put_back(std::move(task));
    }
  }
}

Forecast Batcher::forecast() const {
  const TimePoint now = clock().now();
  std::vector<Forecast::Worker> workers;
  for (const auto& [address, lane] : lanes_) {
    if (lane.hung) continue;
    const auto left = lane.since + lane.expected - now;
    const bool busy = lane.running && left > Clock::duration::zero();
    workers.push_back({lane.enlistment.name, busy ? std::chrono::duration_cast<Microseconds>(left) : Microseconds{}});
  }
  return {latencies_, std::move(workers), settings_.batch.size_max};
}

Forecast Batcher::forecast_with_next() const {
  Forecast ahead = forecast();
  for (const auto& [address, lane] : lanes_)
    if (lane.next) ahead.add_ahead(lane.next->front().input().network_size(), lane.next->size());
  return ahead;
}

}  // namespace inpaintd
