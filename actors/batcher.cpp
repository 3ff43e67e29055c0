// SPDX-License-Identifier: Apache-2.0
#include "actors/batcher.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "actors/guard.h"

namespace inpaintd {
namespace {

constexpr std::chrono::milliseconds show_interval{100};

/// Takes one element after the other out of `queue` and calls `act` with it. An element for which `act` throws is lost.
template <class T, class Act>
void drain(std::deque<T>& queue, Act act) {
  while (!queue.empty()) {
    T first = std::move(queue.front());
    queue.pop_front();
    act(std::move(first));
  }
}

}  // namespace

Batcher::Batcher(caf::actor_config& config, const DispatcherSettings& settings, Repliers repliers,
                 std::shared_ptr<QueueBoard> board, std::shared_ptr<Admission> admission,
                 std::shared_ptr<const Cancellations> cancellations)
    : caf::event_based_actor(config),
      repliers_(std::move(repliers)),
      board_(std::move(board)),
      dispatcher_(settings, std::move(admission), std::move(cancellations)) {}

caf::behavior Batcher::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { handle([&] { ended(down.source); }); });
  return {
      [this](const JobPtr& job) { handle([&] { dispatcher_.arrive(job, now()); }); },
      [this](const caf::actor& device, const Enlistment& enlistment) { handle([&] { enlist(device, enlistment); }); },
      [this](started_atom, const caf::actor& device, const Measurement& last) {
        handle([&] { dispatcher_.started(lane_of(device.address()), last, now()); });
      },
      [this](idle_atom, const caf::actor& device, const Measurement& last) {
        handle([&] { dispatcher_.idle(lane_of(device.address()), last, now()); });
      },
      [this](lost_atom, const std::string& device) {
        handle([&] {
          if (dispatcher_.lost(device, now()))
            spdlog::error("device {} is lost; its replicas get no batches any more", device);
        });
      },
      [this](flush_atom) {
        handle([&] {
          while (!alarms_.empty() && alarms_.back() <= now()) alarms_.pop_back();
          dispatcher_.look(now());
        });
      },
      [this](cancel_atom, const std::string& id) { handle([&] { dispatcher_.cancel(id, now()); }); },
      [this](drain_atom) { handle([&] { dispatcher_.drain(now()); }); },
      [this](abandon_atom) { handle([&] { dispatcher_.abandon(); }); },
  };
}

// After an exception, a replica may not have been told of its batch, and an alarm may be missing. A lost job is
// answered by its place.
template <class Body>
void Batcher::handle(Body body) {
  constexpr std::chrono::milliseconds soon{50};
  const auto all = [&] {
    body();
    act();
  };
  guarded(name(), all, [&] {
    dispatcher_.repair();
    delayed_send(this, soon, flush_atom_v);
    act();
  });
}

// Devices and the batcher hold references to each other, and CAF actors are reference counted: one side has to release
// its references.
void Batcher::on_exit() {
  lanes_.clear();
  replicas_.clear();
}

void Batcher::enlist(const caf::actor& device, const Enlistment& enlistment) {
  const LaneId id = dispatcher_.enlist(enlistment.name, enlistment.next, enlistment.known, now());
  replicas_[id] = {device, enlistment.supervisor, enlistment.name};
  lanes_[device.address()] = id;
  monitor(device);
}

void Batcher::ended(const caf::actor_addr& device) {
  const LaneId id = lane_of(device);
  lanes_.erase(device);
  replicas_.erase(id);
  dispatcher_.ended(id, now());
}

LaneId Batcher::lane_of(const caf::actor_addr& device) const {
  const auto found = lanes_.find(device);
  return found == lanes_.end() ? 0 : found->second;
}

void Batcher::act() {
  Dispatcher::Actions& actions = dispatcher_.actions();
  const auto replica = [this](LaneId id) {
    const auto found = replicas_.find(id);
    return found == replicas_.end() ? nullptr : &found->second;
  };
  drain(actions.tell, [&](LaneId id) {
    if (const Replica* known = replica(id)) send(known->device, work_atom_v);
  });
  drain(actions.hung, [&](const Dispatcher::Hang& hang) {
    const Replica* known = replica(hang.lane);
    if (!known) return;
    send(known->supervisor, hung_atom_v, known->device);
    spdlog::error("device {} hangs: its batch has not ended for {} ms", known->name, hang.waited.count());
  });
  drain(actions.back, [&](LaneId id) {
    const Replica* known = replica(id);
    if (!known) return;
    send(known->supervisor, back_atom_v, known->device);
    spdlog::warn("device {} came back", known->name);
  });
  drain(actions.progress, [this](Progress news) { repliers_.send(std::move(news)); });
  drain(actions.outcomes, [this](Outcome outcome) { repliers_.send(std::move(outcome)); });
  show_queues();
  set_alarm();
}

void Batcher::show_queues() {
  show_at_ = TimePoint::max();
  if (!board_) return;
  const bool empty = dispatcher_.nothing_waits();
  if (empty && shown_empty_) return;
  if (now() - shown_ < show_interval) {
    show_at_ = shown_ + show_interval;
    return;
  }
  board_->write(dispatcher_.waiting());
  shown_ = now();
  shown_empty_ = empty;
}

// A `flush` message on its way cannot be taken back. So an alarm is set only if it is earlier than all others, and
// every alarm looks at everything that is due. The times in `alarms_` descend, so the last one is the next.
void Batcher::set_alarm() {
  const TimePoint when = std::min(dispatcher_.wake_time(), show_at_);
  if (when == TimePoint::max() || (!alarms_.empty() && alarms_.back() <= when)) return;
  delayed_send(this, std::max(when - now(), Clock::duration::zero()), flush_atom_v);
  alarms_.push_back(when);
}

}  // namespace inpaintd
