// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/admission.h"
#include "actors/batch_policy.h"
#include "actors/forecast.h"
#include "actors/messages.h"
#include "actors/positions.h"
#include "actors/queue_board.h"
#include "actors/replier.h"

namespace inpaintd {

struct BatcherSettings {
  BatchSettings batch;
  std::chrono::milliseconds age_max{2000};  ///< who waited so long has a right to every fourth batch
  int retries_max = 1;                      ///< how often a task may be taken by a device that then dies
  /// A batch may take ten times what was measured, and this in any case; then its device counts as hung.
  std::chrono::milliseconds watchdog{30'000};
};

/// Gathers tasks into batches of one network size, one for each device that is free and one more that it runs next.
///
/// Holds every accepted job from its arrival until a device has answered for it. What a device has not started can
/// still be cancelled, expire, go to another device that has nothing to do, or make way for something more urgent. A
/// device that dies or hangs gives its batch back, at most `retries_max` times, and each of its tasks runs alone then;
/// a job is answered when its deadline passes, wherever it is, and at once when it surely would pass while it waits.
/// Nothing is pushed at devices beyond the one next batch, so what waits, waits here, bounded by Admission.
class Batcher : public caf::event_based_actor {
 public:
  /// What waits stands on `board`, and `admission` is told how much is ahead, for what it tells those whom it refuses;
  /// both may be null.
  Batcher(caf::actor_config& config, BatcherSettings settings, Repliers repliers,
          std::shared_ptr<QueueBoard> board = nullptr, std::shared_ptr<Admission> admission = nullptr);

  const char* name() const override { return "batcher"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  /// One device, as seen from here.
  struct Lane {
    caf::actor device;
    Enlistment enlistment;
    Batch running;            ///< null when it has nothing to do
    Batch next;               ///< in enlistment.next, unless it was taken this moment
    bool next_full = false;   ///< more tiles would not make `next` a better batch
    bool next_aged = false;   ///< `next` was made in the turn of those that waited long
    bool hung = false;        ///< did not come back in time, and has not since
    TimePoint since{};        ///< it was given the batch that it has to come back from
    Microseconds expected{};  ///< that batch's time; 0 when not known

    [[nodiscard]] bool idle() const { return !running && !next && !hung; }
    [[nodiscard]] bool owes() const { return (running || next) && !hung; }
  };

  // From others.
  void enqueue(const JobPtr& job);
  void enlist(const caf::actor& device, const Enlistment& enlistment);
  void started(const caf::actor& device, const Measurement& last);
  void idle(const caf::actor& device, const Measurement& last);
  void device_down(const caf::actor_addr& device);
  void cancel(const std::string& id);
  void drain();
  void abandon();

  // Devices.
  Lane* find(const caf::actor_addr& device);
  void learn(Lane& lane, const Measurement& last);
  void put(Lane& lane, const Decision& decision);
  void recall(Lane& lane);
  void count_turn(int turns);
  void recall_outdated();
  void give_up_hung();
  void lose(const Batch& batch);
  [[nodiscard]] bool has_idle() const;
  [[nodiscard]] TimePoint patience(const Lane& lane) const;

  // Tasks.
  void dispatch();
  void serve(Lane& lane);
  void drop_gone();
  void refuse_hopeless(const JobPtr& job);
  void fail(std::span<const Task> tasks, const Error& error);
  void report_positions();
  void show_queues();
  [[nodiscard]] Forecast forecast() const;            ///< what runs is ahead
  [[nodiscard]] Forecast forecast_with_next() const;  ///< and what runs next
  void wake_at_deadlines();
  void wake_at(TimePoint when);
  /// Calls `visit(task)` for every task that was given to a device, to run now or next.
  template <class Visitor>
  void for_each_given(Visitor visit) const {
    for (const auto& [address, lane] : lanes_)
      for (const Batch& batch : {lane.running, lane.next})
        if (batch) std::for_each(batch->begin(), batch->end(), visit);
  }

  BatcherSettings settings_;
  const Repliers repliers_;
  const std::shared_ptr<QueueBoard> board_;
  const std::shared_ptr<Admission> admission_;
  TaskQueues queues_;
  std::map<caf::actor_addr, Lane> lanes_;
  LatencyTable latencies_;
  MemoryCaps caps_;
  Positions positions_;
  std::optional<Error> abandoned_;  ///< how every job ends from now on
  int turns_ = 0;                   ///< batches since the last turn of the aged

  std::uint64_t wake_generation_ = 0;  ///< timers cannot be cancelled: an old one is told by its number
  TimePoint wake_time_ = TimePoint::max();
};

}  // namespace inpaintd
