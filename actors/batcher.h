// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "actors/lane.h"
#include "actors/messages.h"
#include "actors/replier.h"
#include "monitoring/queue_board.h"
#include "scheduling/admission.h"
#include "scheduling/batch_policy.h"
#include "scheduling/cancellations.h"
#include "scheduling/forecast.h"
#include "scheduling/positions.h"

namespace inpaintd {

struct BatcherSettings {
  BatchSettings batch;
  std::chrono::milliseconds age_max{2000};  ///< who waited so long has a right to every fourth batch
  int retries_max = 1;                      ///< how often a task may be taken by a device that then dies
  /// A batch may take ten times what was measured, and this in any case; then its device counts as hung.
  std::chrono::milliseconds watchdog{30'000};
};

/// Gathers tasks into batches of one network size, one for each replica that is free and one more that it runs next.
///
/// Holds every accepted job from its arrival until a device has answered for it. What a device has not started can
/// still be cancelled, expire, go to another device that has nothing to do, or make way for something more urgent. A
/// device that dies or hangs gives its batch back, at most `retries_max` times, and each of its tasks runs alone then.
/// A device that is lost takes all its replicas along, and the first one that a task meets counts as no try.
/// A job is answered when its deadline passes, wherever it is, and at once when it surely would pass while it waits.
/// Nothing is pushed at devices beyond the one next batch, so what waits, waits here, bounded by Admission.
///
/// An event costs by the number of devices and of sizes that wait, not by the number of tiles that wait.
class Batcher : public caf::event_based_actor {
 public:
  /// What waits stands on `board`, and `admission` is told how much is ahead, for what it tells those whom it refuses.
  /// Jobs whose ids are among the `cancellations` are not taken. All three may be null.
  Batcher(caf::actor_config& config, BatcherSettings settings, Repliers repliers,
          std::shared_ptr<QueueBoard> board = nullptr, std::shared_ptr<Admission> admission = nullptr,
          std::shared_ptr<const Cancellations> cancellations = nullptr);

  const char* name() const override { return "batcher"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  void repair();

  // From others.
  void enqueue(const JobPtr& job);
  void enlist(const caf::actor& device, const Enlistment& enlistment);
  void started(const caf::actor& device, const Measurement& last);
  void idle(const caf::actor& device, const Measurement& last);
  void device_down(const caf::actor_addr& device);
  void device_lost(const std::string& device);
  void cancel(const std::string& id);
  void drain();
  void abandon();

  // Devices.
  Lane* find(const caf::actor_addr& device);
  [[nodiscard]] int number_of(const std::string& device);
  void back_from_batch(Lane& lane, const Measurement& last);
  void learn(Lane& lane, const Measurement& last, bool was_hung);
  void put(Lane& lane, const Decision& decision);
  void recall(Lane& lane);
  void count_turn(int turns);
  void recall_outdated(TimePoint now);
  void give_up_hung(TimePoint now);
  enum class End { died, lost };
  void take_back(Lane& lane, End end);
  void lose(const Batch& batch, End end);
  [[nodiscard]] std::size_t batches_of_rank(int rank) const;
  [[nodiscard]] std::size_t count_idle() const;
  [[nodiscard]] bool has_idle() const { return count_idle() > 0; }
  [[nodiscard]] std::ptrdiff_t busy_replicas(int device_number) const;
  [[nodiscard]] TimePoint patience(const Lane& lane) const;
  [[nodiscard]] Microseconds expected(const Lane& lane, Size size, std::size_t count) const;

  // Whom to serve first: the smaller.
  using Turn = std::tuple<bool, std::ptrdiff_t, TimePoint>;
  [[nodiscard]] Turn turn(const Lane& lane) const;
  [[nodiscard]] Decision decide(const Lane& lane, const std::vector<QueueView>& views, TimePoint now) const;
  Lane* prepared_for(const Decision& decision, Lane* lane, const std::vector<Lane*>& free) const;

  // Tasks.
  void dispatch();
  void serve(TimePoint now);
  void look_through(TimePoint now);
  void drop_late(TimePoint now);
  void refuse_hopeless(const JobPtr& job);
  void fail(std::span<const Task> tasks, const Error& error);
  void report_positions(TimePoint now);
  void show_queues(TimePoint now);
  [[nodiscard]] Forecast forecast() const;            ///< what runs is ahead
  [[nodiscard]] Forecast forecast_with_next() const;  ///< and what runs next
  /// Calls `visit(task)` for every task that was given to a device, to run now or next.
  template <class Visitor>
  void for_each_given(Visitor visit) const {
    for (const auto& [address, lane] : lanes_)
      for (const Batch& batch : {lane.running, lane.next})
        if (batch) std::for_each(batch->begin(), batch->end(), visit);
  }

  // Time.
  void wake_at(TimePoint when) { wake_time_ = std::min(wake_time_, when); }
  void set_alarm(TimePoint now);
  void ring();

  BatcherSettings settings_;
  const Repliers repliers_;
  const std::shared_ptr<QueueBoard> board_;
  const std::shared_ptr<Admission> admission_;
  const std::shared_ptr<const Cancellations> cancellations_;
  TaskQueues queues_;
  std::map<caf::actor_addr, Lane> lanes_;
  std::vector<std::string> device_names_;  ///< by their numbers
  std::set<std::string> lost_devices_;
  LatencyTable latencies_;
  MemoryCaps caps_;
  Positions positions_;
  std::optional<Error> abandoned_;  ///< how every job ends from now on
  int turns_ = 0;                   ///< batches since the last turn of the aged

  TimePoint given_deadline_ = TimePoint::max();  ///< no task that was given to a device expires before
  TimePoint looked_through_{};                   ///< when all tasks were last looked at one by one
  TimePoint shown_{};                            ///< when the board was last written
  bool shown_empty_ = true;                      ///< and that nothing waited then
  TimePoint wake_time_ = TimePoint::max();       ///< when to look again, as this dispatch has found
  std::vector<TimePoint> alarms_;                ///< those that have not rung, the next to ring last
};

}  // namespace inpaintd
