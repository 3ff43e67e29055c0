// SPDX-License-Identifier: Apache-2.0
#include "scheduling/device_lanes.h"

namespace inpaintd {
namespace {

constexpr int watchdog_multiple = 10;  // of the expected time; a batch that is halved repeatedly takes about five

/// The number of batches that the waiting tasks of this rank can fill.
std::size_t batches_of_rank(const TaskQueues& queues, int rank, std::size_t batch_size_max) {
  if (rank == 0) return 1;  // the turn of the aged is one batch
  std::size_t batches = 0;
  queues.for_each_line([&](Size, Priority, const TaskLine& line) {
    if (line.most_urgent().urgency.rank == rank) batches += (line.size() + batch_size_max - 1) / batch_size_max;
  });
  return batches;
}

}  // namespace

void RecentShapes::note(Size size, std::size_t count) {
  auto place = std::find(shapes_.begin(), shapes_.end(), std::pair(size, count));
  if (place == shapes_.end()) place = shapes_.emplace(place, size, count);
  std::rotate(shapes_.begin(), place, place + 1);
  if (shapes_.size() > kept_max) shapes_.pop_back();
}

bool RecentShapes::contains(Size size, std::size_t count) const {
  return std::find(shapes_.begin(), shapes_.end(), std::pair(size, count)) != shapes_.end();
}

LaneId DeviceLanes::add(std::string device, std::shared_ptr<NextBatch> slot) {
  auto known = std::ranges::find(devices_, device, &Device::name);
  if (known == devices_.end()) known = devices_.insert(known, {device});
  Lane lane;
  lane.id = last_id_ + 1;
  lane.device_number = static_cast<int>(known - devices_.begin());
  lane.lost = known->lost;
  lane.device = std::move(device);
  lane.slot = std::move(slot);
  lanes_.emplace(lane.id, std::move(lane));
  return ++last_id_;
}

std::optional<Lane> DeviceLanes::remove(LaneId id) {
  auto node = lanes_.extract(id);
  return node ? std::optional(std::move(node.mapped())) : std::nullopt;
}

Lane* DeviceLanes::find(LaneId id) {
  const auto found = lanes_.find(id);
  return found == lanes_.end() ? nullptr : &found->second;
}

bool DeviceLanes::came_back(Lane& lane) noexcept {
  lane.running = nullptr;
  return std::exchange(lane.hung, false);
}

void DeviceLanes::took_next(Lane& lane, TimePoint now) noexcept {
  lane.running = std::exchange(lane.next, nullptr);
  if (!lane.running) lane.running = nothing_;
  lane.since = now;
}

bool DeviceLanes::give(Lane& lane, Batch batch, bool full, bool aged, TimePoint now) {
  lane.next = std::move(batch);
  lane.next_full = full;
  lane.next_aged = aged;
  lane.slot->put(lane.next);
  if (lane.running) return false;  // the replica looks into its slot when its batch ends
  lane.since = now;
  return true;
}

Batch DeviceLanes::recall(Lane& lane) {
  if (!lane.next || !lane.slot->take()) return nullptr;
  return std::exchange(lane.next, nullptr);
}

std::vector<Lane*> DeviceLanes::mark_lost(const std::string& device) {
  auto known = std::ranges::find(devices_, device, &Device::name);
  if (known == devices_.end()) known = devices_.insert(known, {device});
  std::vector<Lane*> lanes;
  if (known->lost) return lanes;
  for (auto& [id, lane] : lanes_)
    if (lane.device == device) lanes.push_back(&lane);
  known->lost = true;
  for (Lane* lane : lanes) lane->lost = true;
  return lanes;
}

std::vector<Lane*> DeviceLanes::overdue(TimePoint now) {
  std::vector<Lane*> late;
  for (auto& [id, lane] : lanes_)
    if (lane.busy() && now >= overdue_at(lane)) late.push_back(&lane);
  return late;
}

TimePoint DeviceLanes::next_overdue() const {
  TimePoint earliest = TimePoint::max();
  for (const auto& [id, lane] : lanes_)
    if (lane.busy()) earliest = std::min(earliest, overdue_at(lane));
  return earliest;
}

TimePoint DeviceLanes::overdue_at(const Lane& lane) const {
  return lane.since + (lane.expected.count() > 0 ? std::max(watchdog_, lane.expected * watchdog_multiple)
                                                 : watchdog_ * watchdog_multiple);
}

std::vector<Lane*> DeviceLanes::free_lanes() {
  std::vector<Lane*> free;
  for (auto& [id, lane] : lanes_)
    if (lane.free()) free.push_back(&lane);
  return free;
}

bool DeviceLanes::has_free() const {
  return std::ranges::any_of(lanes_, [](const auto& each) { return each.second.free(); });
}

std::size_t DeviceLanes::idle_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(lanes_, [](const auto& each) { return each.second.idle(); }));
}

Lane* DeviceLanes::first_to_serve(const std::vector<Lane*>& free) const {
  const auto turn = [this](const Lane* lane) {
    const bool works = lane->running != nullptr;
    return std::tuple(works, works ? 0 : busy_replicas(lane->device_number), lane->free_at());
  };
  return *std::ranges::min_element(free, {}, turn);
}

std::vector<Lane*> DeviceLanes::peers(const Lane& lane, const std::vector<Lane*>& free) const {
  const auto busy = busy_replicas(lane.device_number);
  std::vector<Lane*> peers;
  for (Lane* other : free)
    if (other->idle() && busy_replicas(other->device_number) == busy) peers.push_back(other);
  return peers;
}

std::ptrdiff_t DeviceLanes::busy_replicas(int device_number) const {
  return std::ranges::count_if(lanes_, [device_number](const auto& each) {
    return each.second.device_number == device_number && each.second.busy();
  });
}

std::vector<Lane*> DeviceLanes::outdated(const TaskQueues& queues, std::size_t batch_size_max, TimePoint now) {
  const auto head = queues.head(now);
  std::vector<Lane*> improvable, outranked, behind_work;
  for (auto& [id, lane] : lanes_) {
    if (!lane.next) continue;
    const Task& first = lane.next->front();  // the most urgent of the batch
    const int rank = lane.next_aged ? 0 : queues.urgency_now(first, now).rank;
    if (!lane.next_full && queues.holds(first.input().network_size()))
      improvable.push_back(&lane);
    else if (head && head->rank < rank)
      outranked.push_back(&lane);
    else if (!head && lane.running)
      behind_work.push_back(&lane);
  }
  const auto ends = [](const Lane* lane) { return lane->free_at(); };
  std::ranges::sort(outranked, {}, ends);
  if (!outranked.empty())
    outranked.resize(std::min(outranked.size(), batches_of_rank(queues, head->rank, batch_size_max)));
  std::ranges::sort(behind_work, std::ranges::greater{}, ends);
  behind_work.resize(std::min(behind_work.size(), idle_count()));
  std::vector<Lane*> all = std::move(improvable);
  all.insert(all.end(), outranked.begin(), outranked.end());
  all.insert(all.end(), behind_work.begin(), behind_work.end());
  return all;
}

std::vector<Forecast::Worker> DeviceLanes::workers(TimePoint now) const {
  std::vector<Forecast::Worker> workers;
  for (const auto& [id, lane] : lanes_) {
    if (!lane.usable()) continue;
    const auto left = lane.free_at() - now;
    const bool busy = lane.running && left > Clock::duration::zero();
    workers.push_back({lane.device, busy ? std::chrono::duration_cast<Microseconds>(left) : Microseconds{}});
  }
  return workers;
}

}  // namespace inpaintd
