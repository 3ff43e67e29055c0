// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scheduling/admission.h"
#include "scheduling/batch_policy.h"
#include "scheduling/cancellations.h"
#include "scheduling/device_lanes.h"
#include "scheduling/dispatcher_settings.h"
#include "scheduling/estimator.h"
#include "scheduling/measurement.h"
#include "scheduling/positions.h"

namespace inpaintd {

/// Gathers tasks into batches of one network size: one for each replica that is free, and one more that it runs next.
///
/// Holds every accepted job from its arrival until a device has answered for it. A task leaves its queue when a replica
/// is free and its size holds a best batch, or has waited `wait_max`, or cannot gain by waiting (see choose_batch).
/// What no device has started can still be cancelled, expire, go to an idle device, or yield to something more urgent.
/// The batch of a device that fails or hangs is taken back: each task is tried again at most `retries_max` times,
/// alone. A device that is lost takes all its replicas along, and the first loss of a task does not count as a try. A
/// job is answered when its deadline passes, wherever it is, and at once when the deadline is certain to pass while it
/// waits.
///
/// The cost of an event depends on the number of devices and of waiting sizes, not on the number of waiting tiles.
///
/// Pure: the time is an argument, and everything that the caller has to do is left in `actions`, in order.
class Dispatcher {
 public:
  /// `admission` (may be null) receives the expected wait of new requests. Jobs whose ids are among the `cancellations`
  /// (may be null) end as cancelled.
  explicit Dispatcher(const DispatcherSettings& settings, std::shared_ptr<Admission> admission = nullptr,
                      std::shared_ptr<const Cancellations> cancellations = nullptr);
  Dispatcher(const Dispatcher&) = delete;  // the estimator refers to other members
  Dispatcher& operator=(const Dispatcher&) = delete;

  struct Hang {
    LaneId lane = 0;
    std::chrono::milliseconds waited{};
  };
  /// What the caller has to do. The caller removes each action that it has done.
  struct Actions {
    std::deque<LaneId> tell;        ///< idle replicas for which a batch is ready
    std::deque<Hang> hung;          ///< replicas that do not come back
    std::deque<LaneId> back;        ///< replicas that came back after all
    std::deque<Progress> progress;  ///< for clients, before the outcomes
    std::deque<Outcome> outcomes;   ///< for clients
  };
  [[nodiscard]] Actions& actions() { return actions_; }
  /// When to call `look`, if nothing else happens before; TimePoint::max(): never.
  [[nodiscard]] TimePoint wake_time() const { return wake_time_; }

  /// Takes in a job, which has at least one tile.
  void arrive(const JobPtr& job, TimePoint now);
  /// A replica of `device` takes its batches from `slot`; `known` was measured while it warmed up.
  LaneId enlist(const std::string& device, std::shared_ptr<NextBatch> slot, std::span<const Measurement> known,
                TimePoint now);
  /// The replica took its next batch; `last` is the measurement of the batch before it.
  void started(LaneId id, const Measurement& last, TimePoint now);
  /// The replica found no next batch.
  void idle(LaneId id, const Measurement& last, TimePoint now);
  /// The replica ended.
  void ended(LaneId id, TimePoint now);
  /// No replica of this device will work again. Returns whether the device was not known to be lost.
  bool lost(const std::string& device, TimePoint now);
  /// Ends the jobs with this id that no device has started.
  void cancel(const std::string& request_id, TimePoint now);
  /// From now on, batches leave without waiting for more tiles.
  void drain(TimePoint now);
  /// Ends every job as shutting_down, and every job that arrives from now on.
  void abandon();
  /// Does what is due at `now`; see `wake_time`.
  void look(TimePoint now);
  /// To be called after one of the functions above has thrown: a replica may not have been told of its batch.
  void repair();

  /// The number of tiles that no device has started, by size and priority.
  using Waiting = std::map<std::pair<Size, Priority>, std::size_t>;
  [[nodiscard]] Waiting waiting() const;
  [[nodiscard]] bool nothing_waits() const;

 private:
  enum class End { died, lost };

  void learn(Lane& lane, const Measurement& last);
  void tell_admission(TimePoint now) const;
  void serve(TimePoint now);
  [[nodiscard]] Decision decide(const Lane& lane, const std::vector<QueueView>& views, TimePoint now) const;
  [[nodiscard]] Lane* prepared_for(const Decision& decision, Lane* lane, const std::vector<Lane*>& free) const;
  void give(Lane& lane, const Decision& decision, TimePoint now);
  void recall(Lane& lane);
  void count_batch(int batches);
  void give_up_hung(TimePoint now);
  void take_back(Lane& lane, End end);
  void retry(const Batch& batch, End end);
  void look_through(TimePoint now);
  void drop_late(TimePoint now);
  [[nodiscard]] bool refuse_hopeless(const JobPtr& job, TimePoint now);
  void fail(const Task& task, const Error& error);
  void report_positions(TimePoint now);
  void wake_at(TimePoint when) { wake_time_ = std::min(wake_time_, when); }

  DispatcherSettings settings_;
  const std::shared_ptr<Admission> admission_;
  const std::shared_ptr<const Cancellations> cancellations_;
  TaskQueues queues_;
  DeviceLanes lanes_;
  LatencyTable latencies_;
  MemoryCaps caps_;
  const Estimator estimator_;
  Positions positions_;
  Actions actions_;
  std::optional<Error> abandoned_;  ///< the error of every job from now on
  int batches_since_aged_ = 0;      ///< since the last turn of the aged

  TimePoint given_deadline_ = TimePoint::max();  ///< no task that a device has got expires earlier
  TimePoint looked_through_{};                   ///< when the tasks of the devices were last examined one by one
  TimePoint wake_time_ = TimePoint::max();
};

}  // namespace inpaintd
