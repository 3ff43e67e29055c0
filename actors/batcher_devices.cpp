// SPDX-License-Identifier: Apache-2.0
// The batcher's side of its devices: what they are given, take, give back, and what is learnt from it.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/batcher.h"
#include "actors/guard.h"

namespace inpaintd {
namespace {

constexpr int aged_turn_every = 4;     // batches: a quarter of the devices' time, should they need it
constexpr int watchdog_multiple = 10;  // of the expected time: a batch that is halved again and again takes about five

}  // namespace

void Batcher::enlist(const caf::actor& device, const Enlistment& enlistment) {
  Lane& lane = lanes_[device.address()];
  lane.device = device;
  lane.enlistment = enlistment;
  lane.device_number = number_of(enlistment.name);
  lane.lost = lost_devices_.contains(enlistment.name);
  for (const auto& [size, count, elapsed, whole, out_of_memory_from] : enlistment.known) {
    latencies_.record(enlistment.name, size, count, elapsed);
    lane.ran.note(size, count);
  }
  monitor(device);
  dispatch();
}

void Batcher::started(const caf::actor& device, const Measurement& last) {
  Lane* lane = find(device.address());
  if (!lane || lane->lost) return;
  back_from_batch(*lane, last);
  lane->running = std::exchange(lane->next, nullptr);
  lane->since = clock().now();
  // It hung before it could say so, and others have the batch by now: it runs that for nothing, but it runs.
  if (!lane->running) lane->running = std::make_shared<const std::vector<Task>>();
  if (lane->running->empty()) return;
  lane->expected = expected(*lane, lane->running->front().input().network_size(), lane->running->size());
  for (const Task& task : *lane->running)
    if (auto news = positions_.started(task.job, lane->running->size(), lane->enlistment.name))
      repliers_.send(std::move(*news));
  dispatch();
}

void Batcher::idle(const caf::actor& device, const Measurement& last) {
  Lane* lane = find(device.address());
  if (!lane || lane->lost) return;
  back_from_batch(*lane, last);
  if (lane->next) {  // it looked just before that was put there
    lane->since = clock().now();
    send(lane->device, work_atom_v);
  }
  dispatch();
}

Lane* Batcher::find(const caf::actor_addr& device) {
  const auto found = lanes_.find(device);
  return found == lanes_.end() ? nullptr : &found->second;
}

int Batcher::number_of(const std::string& device) {
  const auto found = std::find(device_names_.begin(), device_names_.end(), device);
  const auto number = static_cast<int>(found - device_names_.begin());
  if (found == device_names_.end()) device_names_.push_back(device);
  return number;
}

std::size_t Batcher::count_idle() const {
  return static_cast<std::size_t>(
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& each) { return each.second.idle(); }));
}

// What is learnt is welcome, what the device does now has to be right.
void Batcher::back_from_batch(Lane& lane, const Measurement& last) {
  const bool was_hung = std::exchange(lane.hung, false);
  lane.running = nullptr;
  contained(name(), [&] { learn(lane, last, was_hung); });
}

void Batcher::learn(Lane& lane, const Measurement& last, bool was_hung) {
  const std::string& name = lane.enlistment.name;
  if (was_hung) {
    spdlog::warn("{} came back", name);
    send(lane.enlistment.supervisor, back_atom_v, lane.device);
  } else if (last.count > 0) {
    // The time of a run that went wrong says nothing about the next.
    if (last.whole) {
      latencies_.record(name, last.size, last.count, last.elapsed);
      caps_.worked(name, last.size, last.count);
      lane.ran.note(last.size, last.count);
    }
    if (last.out_of_memory_from > 0) caps_.out_of_memory(name, last.size, last.out_of_memory_from);
    queues_.charge(last.size, last.elapsed);
  }
  if (admission_) {
    Forecast ahead = forecast_with_next();
    queues_.for_each_line([&](Size size, Priority, const TaskLine& line) { ahead.add_ahead(size, line.size()); });
    admission_->expect(ahead.until_free());
  }
}

// Those that do nothing first, and of these the ones whose device does nothing either: replicas that work at once share
// its speed. Then those that will have nothing to do soonest.
Batcher::Turn Batcher::turn(const Lane& lane) const {
  const bool works = lane.running != nullptr;
  return {works, works ? 0 : busy_replicas(lane.device_number), lane.free_at()};
}

Decision Batcher::decide(const Lane& lane, const std::vector<QueueView>& views, TimePoint now) const {
  const TimePoint starts = lane.running ? std::max(now, lane.free_at()) : now;
  const DeviceView view{lane.enlistment.name, latencies_, caps_, starts, count_idle()};
  return choose_batch(views, view, settings_.batch, now);
}

// Of those that are as idle as `lane`, one that has run such a batch before: engines prepare for each size and count.
Lane* Batcher::prepared_for(const Decision& decision, Lane* lane, const std::vector<Lane*>& free) const {
  if (lane->running) return lane;
  const auto busy = busy_replicas(lane->device_number);
  const auto prepared = [&](const Lane* other) {
    return other->idle() && busy_replicas(other->device_number) == busy &&
           other->ran.contains(*decision.leave, decision.count) &&
           caps_.cap(other->enlistment.name, *decision.leave, decision.count) == decision.count;
  };
  if (prepared(lane)) return lane;
  const auto found = std::find_if(free.begin(), free.end(), prepared);
  return found == free.end() ? lane : *found;
}

std::ptrdiff_t Batcher::busy_replicas(int device_number) const {
  return std::count_if(lanes_.begin(), lanes_.end(), [device_number](const auto& each) {
    return each.second.device_number == device_number && each.second.owes();
  });
}

Microseconds Batcher::expected(const Lane& lane, Size size, std::size_t count) const {
  return latencies_.estimate(lane.enlistment.name, size, count).value_or(Microseconds{});
}

void Batcher::put(Lane& lane, const Decision& decision) {
  const TimePoint now = clock().now();
  lane.next = std::make_shared<const std::vector<Task>>(queues_.take(*decision.leave, decision.count, now));
  lane.next_full = decision.full;
  lane.next_aged = queues_.urgency_now(lane.next->front(), now).rank == 0;
  for (const Task& task : *lane.next) given_deadline_ = std::min(given_deadline_, task.job->ticket().deadline);
  count_turn(lane.next_aged ? -turns_ : 1);
  lane.enlistment.next->put(lane.next);
  if (lane.running) return;  // it looks when it is done
  lane.since = now;
  lane.expected = expected(lane, *decision.leave, lane.next->size());
  send(lane.device, work_atom_v);
}

// Back to the queue, unless the device took it in this moment.
void Batcher::recall(Lane& lane) {
  if (!lane.next || !lane.enlistment.next->take()) return;
  const Batch batch = std::exchange(lane.next, nullptr);
  for (const Task& task : *batch) queues_.put_back(task);
  count_turn(lane.next_aged ? aged_turn_every : -1);
}

void Batcher::count_turn(int turns) {
  turns_ = std::clamp(turns_ + turns, 0, aged_turn_every);
  queues_.set_aged_turn(turns_ >= aged_turn_every - 1);
}

// A next batch is decided again when it could be fuller, when something more urgent waits, and when another device has
// nothing to do. Of those that make way, only as many as are needed: to decide again costs time.
void Batcher::recall_outdated(TimePoint now) {
  const auto head = queues_.head(now);
  std::vector<Lane*> outranked, behind;  // what waits, their own device's work
  for (auto& [address, lane] : lanes_) {
    if (!lane.next) continue;
    const Task& first = lane.next->front();  // a batch is in order
    const int rank = lane.next_aged ? 0 : queues_.urgency_now(first, now).rank;
    if (!lane.next_full && queues_.holds(first.input().network_size()))
      recall(lane);
    else if (head && head->rank < rank)
      outranked.push_back(&lane);
    else if (!head && lane.running)
      behind.push_back(&lane);
  }
  const auto sooner = [](const Lane* a, const Lane* b) { return a->free_at() < b->free_at(); };
  std::sort(outranked.begin(), outranked.end(), sooner);
  if (!outranked.empty()) outranked.resize(std::min(outranked.size(), batches_of_rank(head->rank)));
  for (Lane* lane : outranked) recall(*lane);
  std::sort(behind.rbegin(), behind.rend(), sooner);
  behind.resize(std::min(behind.size(), count_idle()));
  for (Lane* lane : behind) recall(*lane);
}

// How many batches what waits with this rank can fill.
std::size_t Batcher::batches_of_rank(int rank) const {
  if (rank == 0) return 1;  // the turn of the aged
  std::size_t batches = 0;
  queues_.for_each_line([&](Size, Priority, const TaskLine& line) {
    const std::size_t size_max = settings_.batch.size_max;
    if (line.most_urgent().urgency.rank == rank) batches += (line.size() + size_max - 1) / size_max;
  });
  return batches;
}

void Batcher::device_down(const caf::actor_addr& device) {
  const auto found = lanes_.find(device);
  if (found == lanes_.end()) return;
  Lane lane = std::move(found->second);
  lanes_.erase(found);
  take_back(lane, End::died);
  dispatch();
}

// Its replicas share what was lost: none of them will work again, whether it has noticed yet or not.
void Batcher::device_lost(const std::string& device) {
  if (!lost_devices_.insert(device).second) return;
  spdlog::error("{} is lost: its replicas get nothing any more", device);
  for (auto& [address, lane] : lanes_) {
    if (lane.enlistment.name != device) continue;
    take_back(lane, End::lost);
    lane.lost = true;
  }
  dispatch();
}

void Batcher::give_up_hung(TimePoint now) {
  for (auto& [address, lane] : lanes_) {
    if (!lane.owes() || now < patience(lane)) continue;
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - lane.since).count();
    spdlog::error("{} hangs: it has not come back for {} ms", lane.enlistment.name, waited);
    send(lane.enlistment.supervisor, hung_atom_v, lane.device);
    take_back(lane, End::died);
    lane.hung = true;
  }
}

TimePoint Batcher::patience(const Lane& lane) const {
  const Microseconds floor = settings_.watchdog;
  const auto time =
      lane.expected.count() > 0 ? std::max(floor, lane.expected * watchdog_multiple) : floor * watchdog_multiple;
  return lane.since + time;
}

// What lies ready was not tried. What it took without having said so is lost as well as what runs.
void Batcher::take_back(Lane& lane, End end) {
  recall(lane);
  for (Batch* batch : {&lane.running, &lane.next})
    if (*batch) lose(std::exchange(*batch, nullptr), end);
}

void Batcher::lose(const Batch& batch, End end) {
  for (Task task : *batch) {
    if (task.job->ended()) continue;
    if (end == End::lost && task.losses == 0) {
      ++task.losses;
    } else if (task.attempts < settings_.retries_max) {
      ++task.attempts;
    } else {
      fail(std::span(&task, 1), {ErrorCode::device_failed, "the device failed while it worked on this request"});
      continue;
    }
    queues_.put_back(std::move(task));
  }
}

Forecast Batcher::forecast() const {
  const TimePoint now = clock().now();
  std::vector<Forecast::Worker> workers;
  for (const auto& [address, lane] : lanes_) {
    if (!lane.usable()) continue;
    const auto left = lane.free_at() - now;
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
