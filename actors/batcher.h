// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/batch_policy.h"
#include "actors/messages.h"
#include "actors/queue_board.h"
#include "actors/replier.h"
#include "core/latency_table.h"

namespace inpaintd {

struct BatcherSettings {
  BatchSettings batch;
  int retries_max = 1;  ///< how often a task may be taken by a device that then dies
};

/// Gathers tasks into batches of one network size and hands each to a device that asked for one.
///
/// Holds every accepted job from its arrival until a device has answered for it. A device that dies gives its batch
/// back, at most `retries_max` times; a job whose deadline passes while it waits is answered, not computed. Nothing is
/// pushed to a device that did not ask, so what waits, waits here, bounded by Admission.
class Batcher : public caf::event_based_actor {
 public:
  /// What waits stands on `board`, unless that is null.
  Batcher(caf::actor_config& config, BatcherSettings settings, Repliers repliers,
          std::shared_ptr<QueueBoard> board = nullptr);

  const char* name() const override { return "batcher"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  struct Idle {
    caf::actor device;
    std::string name;
  };

  void enqueue(const JobPtr& job);
  void device_ready(const caf::actor& device, const Measurement& last);
  void device_down(const caf::actor_addr& device);
  void cancel(const std::string& id);
  void drain();
  void abandon();

  void dispatch();
  void hand_over(const Idle& idle, std::vector<Task> tasks);
  void drop_expired();
  void fail(std::vector<Task> tasks, const Error& error);
  void wake_at(TimePoint when);
  void report_positions(bool force_new);
  void show_queues();

  BatcherSettings settings_;
  const Repliers repliers_;
  const std::shared_ptr<QueueBoard> board_;
  TaskQueues queues_;
  std::vector<Idle> idle_;
  std::map<caf::actor_addr, Batch> held_;  ///< what each busy device works on
  LatencyTable latencies_;
  bool draining_ = false;

  std::uint64_t wake_generation_ = 0;  ///< timers cannot be cancelled: an old one is told by its number
  TimePoint wake_time_ = TimePoint::max();

  struct Told {
    std::size_t position = 0;
    TimePoint when{};
  };
  std::map<JobPtr, Told> told_;  ///< queued jobs whose clients follow the progress
};

}  // namespace inpaintd
