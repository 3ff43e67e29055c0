// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "scheduling/forecast.h"
#include "scheduling/next_batch.h"
#include "scheduling/task.h"
#include "scheduling/task_queues.h"

namespace inpaintd {

/// The sizes and counts that a replica ran most recently, the latest first: the replica need not prepare for them.
class RecentShapes {
 public:
  void note(Size size, std::size_t count);
  [[nodiscard]] bool contains(Size size, std::size_t count) const;

 private:
  static constexpr std::size_t kept_max = 32;
  std::vector<std::pair<Size, std::size_t>> shapes_;
};

/// Identifies one replica of a device; numbers are not used twice.
using LaneId = std::uint32_t;

/// One replica of a device: the batch that it runs and the batch that it runs next.
struct Lane {
  LaneId id = 0;
  std::string device;               ///< "cpu", "cuda:0"; all replicas of a device have the same name
  int device_number = 0;            ///< all replicas of a device have the same number
  std::shared_ptr<NextBatch> slot;  ///< from which the replica takes its next batch
  Batch running;                    ///< null when the replica has nothing to do
  Batch next;                       ///< the batch in `slot`, unless the replica took it at this moment
  bool next_full = false;           ///< more tiles would not make `next` a better batch
  bool next_aged = false;           ///< `next` was made in the turn of the aged tasks
  bool hung = false;                ///< the replica did not come back in time, and has not come back since
  bool lost = false;                ///< the device is lost: it gets no batch any more
  TimePoint since{};                ///< when the replica got the batch that it has to come back from
  Microseconds expected{};          ///< the expected time of that batch; 0 when it is not known
  RecentShapes ran;

  [[nodiscard]] bool usable() const { return !hung && !lost; }
  [[nodiscard]] bool idle() const { return usable() && !running && !next; }
  /// Whether the lane can take a next batch.
  [[nodiscard]] bool free() const { return usable() && !next; }
  /// Whether the replica has to come back from a batch.
  [[nodiscard]] bool busy() const { return usable() && (running || next); }
  /// When the running batch is expected to end; in the past when it ended earlier, or is late.
  [[nodiscard]] TimePoint free_at() const { return since + expected; }
};

/// The replicas of all devices: which batch each of them has, since when, and which of them hang. Pure: the time is an
/// argument, and what follows from a change is returned to the caller.
class DeviceLanes {
 public:
  /// A batch may take ten times its expected time, and `watchdog` in any case (ten times `watchdog` while nothing is
  /// expected); after that its replica counts as hung.
  explicit DeviceLanes(Microseconds watchdog) : watchdog_(watchdog) {}

  LaneId add(std::string device, std::shared_ptr<NextBatch> slot);
  /// Returns the lane as it was; nothing when there is none with this id.
  std::optional<Lane> remove(LaneId id);
  [[nodiscard]] Lane* find(LaneId id);

  /// The replica came back from its batch. Returns whether it had counted as hung; it does not any more.
  static bool came_back(Lane& lane) noexcept;
  /// The replica took its next batch, which runs from `now` on. A replica that was declared hung may have taken a batch
  /// that has been requeued since: then `running` is an empty batch, and the lane is busy until the replica is back.
  void took_next(Lane& lane, TimePoint now) noexcept;
  /// Puts `batch` into the lane's slot. Returns whether the replica is idle and has to be told.
  static bool give(Lane& lane, Batch batch, bool full, bool aged, TimePoint now);
  /// Takes the next batch back; null when there is none, or the replica took it at this moment.
  static Batch recall(Lane& lane);

  /// No replica of `device` gets a batch any more. Returns its lanes; none when the device was lost before.
  std::vector<Lane*> mark_lost(const std::string& device);
  /// The lanes whose replicas should have come back by `now`.
  [[nodiscard]] std::vector<Lane*> overdue(TimePoint now);
  /// The earliest time at which a lane becomes overdue; TimePoint::max() without busy lanes.
  [[nodiscard]] TimePoint next_overdue() const;

  [[nodiscard]] std::vector<Lane*> free_lanes();
  [[nodiscard]] bool has_free() const;
  [[nodiscard]] std::size_t idle_count() const;
  /// The lane of `free` that is served first: an idle one before a busy one; of the idle ones one whose device has the
  /// fewest busy replicas, since these share its speed; of the busy ones the one that ends first. `free` is not empty.
  [[nodiscard]] Lane* first_to_serve(const std::vector<Lane*>& free) const;
  /// The lanes that are as good a choice as the idle `lane`: the same count of busy replicas on their devices.
  [[nodiscard]] std::vector<Lane*> peers(const Lane& lane, const std::vector<Lane*>& free) const;

  /// The lanes whose next batch is to be decided again: it could be fuller, something more urgent waits, or another
  /// device is idle while this one still works. Only as many as are needed, because each decision costs time.
  [[nodiscard]] std::vector<Lane*> outdated(const TaskQueues& queues, std::size_t batch_size_max, TimePoint now);

  /// What the devices have, for a forecast.
  [[nodiscard]] std::vector<Forecast::Worker> workers(TimePoint now) const;

  /// Calls `visit(lane)` for every lane.
  template <class Visitor>
  void for_each(Visitor visit) {
    for (auto& [id, lane] : lanes_) visit(lane);
  }
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (const auto& [id, lane] : lanes_) visit(lane);
  }
  /// Calls `visit(batch)` for every next batch.
  template <class Visitor>
  void for_each_next(Visitor visit) const {
    for (const auto& [id, lane] : lanes_)
      if (lane.next) visit(*lane.next);
  }
  /// Calls `visit(task)` for every task of a batch that runs or runs next.
  template <class Visitor>
  void for_each_given(Visitor visit) const {
    for (const auto& [id, lane] : lanes_)
      for (const Batch& batch : {lane.running, lane.next})
        if (batch) std::for_each(batch->begin(), batch->end(), visit);
  }

 private:
  [[nodiscard]] std::ptrdiff_t busy_replicas(int device_number) const;
  [[nodiscard]] TimePoint overdue_at(const Lane& lane) const;

  const Microseconds watchdog_;
  const Batch nothing_ = std::make_shared<const std::vector<Task>>();
  std::map<LaneId, Lane> lanes_;
  LaneId last_id_ = 0;
  struct Device {
    std::string name;
    bool lost = false;
  };
  std::vector<Device> devices_;  ///< by their numbers
};

}  // namespace inpaintd
