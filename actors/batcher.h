// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "actors/messages.h"
#include "actors/replier.h"
#include "monitoring/queue_board.h"
#include "scheduling/dispatcher.h"

namespace inpaintd {

/// Passes messages of jobs and devices to the Dispatcher, and sends the Dispatcher's decisions to devices, supervisors
/// and repliers. The guarantees are those of Dispatcher (scheduling/dispatcher.h). A device gets at most one batch in
/// advance; all other requests wait here, bounded by Admission.
class Batcher : public caf::event_based_actor {
 public:
  /// `board` (optional) receives the queue lengths for monitoring; the other arguments are those of Dispatcher.
  Batcher(caf::actor_config& config, const DispatcherSettings& settings, Repliers repliers,
          std::shared_ptr<QueueBoard> board = nullptr, std::shared_ptr<Admission> admission = nullptr,
          std::shared_ptr<const Cancellations> cancellations = nullptr);

  const char* name() const override { return "batcher"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  struct Replica {
    caf::actor device;
    caf::actor supervisor;
    std::string name;
  };
  [[nodiscard]] TimePoint now() const { return clock().now(); }
  /// Handles one event, and then carries out the actions that the Dispatcher has left.
  template <class Body>
  void handle(Body body);
  void enlist(const caf::actor& device, const Enlistment& enlistment);
  void ended(const caf::actor_addr& device);
  [[nodiscard]] LaneId lane_of(const caf::actor_addr& device) const;
  void act();
  void show_queues();
  void set_alarm();

  const Repliers repliers_;
  const std::shared_ptr<QueueBoard> board_;
  Dispatcher dispatcher_;
  std::map<caf::actor_addr, LaneId> lanes_;
  std::map<LaneId, Replica> replicas_;
  TimePoint shown_{};        ///< when the board was last written
  bool shown_empty_ = true;  ///< whether the board says that nothing waits
  TimePoint show_at_ = TimePoint::max();
  std::vector<TimePoint> alarms_;  ///< the times of `flush` messages on their way, in descending order
};

}  // namespace inpaintd
