// SPDX-License-Identifier: Apache-2.0
#include "actors/batcher.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "actors/guard.h"
#include "core/area_class.h"

namespace inpaintd {
namespace {

// Tasks that ended elsewhere while they wait are rare, and harm nobody but the memory that they hold.
constexpr std::chrono::milliseconds look_through_interval{100};
constexpr std::chrono::milliseconds show_interval{100};

std::string in_ms(Clock::duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time).count()) + " ms";
}

}  // namespace

Batcher::Batcher(caf::actor_config& config, BatcherSettings settings, Repliers repliers,
                 std::shared_ptr<QueueBoard> board, std::shared_ptr<Admission> admission,
                 std::shared_ptr<const Cancellations> cancellations)
    : caf::event_based_actor(config),
      settings_(settings),
      repliers_(std::move(repliers)),
      board_(std::move(board)),
      admission_(std::move(admission)),
      cancellations_(std::move(cancellations)),
      queues_(settings.age_max) {}

caf::behavior Batcher::make_behavior() {
  const auto safely = [this](auto body) { guarded(name(), body, [this] { repair(); }); };
  set_down_handler([=, this](const caf::down_msg& down) { safely([&] { device_down(down.source); }); });
  return {
      [=, this](const JobPtr& job) { safely([&] { enqueue(job); }); },
      [=, this](const caf::actor& device, const Enlistment& enlistment) {
        safely([&] { enlist(device, enlistment); });
      },
      [=, this](started_atom, const caf::actor& device, const Measurement& last) {
        safely([&] { started(device, last); });
      },
      [=, this](idle_atom, const caf::actor& device, const Measurement& last) { safely([&] { idle(device, last); }); },
      [=, this](lost_atom, const std::string& device) { safely([&] { device_lost(device); }); },
      [=, this](flush_atom) { safely([&] { ring(); }); },
      [=, this](cancel_atom, const std::string& id) { safely([&] { cancel(id); }); },
      [=, this](drain_atom) { safely([&] { drain(); }); },
      [=, this](abandon_atom) { safely([&] { abandon(); }); },
  };
}

// After an exception the rest of a handler is missing: a device may not have been told of the batch that lies ready for
// it, and nothing may be there that wakes the batcher. A job that got lost on the way is answered by its place.
void Batcher::repair() {
  constexpr std::chrono::milliseconds soon{50};
  for (const auto& [address, lane] : lanes_)
    if (lane.next && !lane.running) send(lane.device, work_atom_v);
  delayed_send(this, soon, flush_atom_v);
}

// Devices hold the batcher and it holds them: one side has to let go.
void Batcher::on_exit() { lanes_.clear(); }

void Batcher::enqueue(const JobPtr& job) {
  const TimePoint now = clock().now();
  const Task task{job};
  if (abandoned_) return fail(std::span(&task, 1), *abandoned_);
  if (cancellations_ && cancellations_->contains(job->ticket().id, now))
    return fail(std::span(&task, 1), cancelled_by_client());
  refuse_hopeless(job);
  if (job->ended()) return;
  for (std::size_t tile = 0; tile < job->input().tiles.size(); ++tile) queues_.arrive({job, tile}, now);
  positions_.follow(job);
  dispatch();
}

void Batcher::cancel(const std::string& id) {
  const auto named = [&](const Task& task) { return task.job->ticket().id == id; };
  for (auto& [address, lane] : lanes_)
    if (lane.next && std::any_of(lane.next->begin(), lane.next->end(), named)) recall(lane);
  fail(queues_.take_if(named), cancelled_by_client());
  dispatch();
}

void Batcher::drain() {
  settings_.batch.wait_max = std::chrono::milliseconds(0);
  dispatch();
}

void Batcher::abandon() {
  const Error error{ErrorCode::shutting_down, "this worker stopped before the request was done; send it again"};
  abandoned_ = error;  // for those that are still being decoded
  fail(queues_.take_if([](const Task&) { return true; }), error);
  for (const auto& [address, lane] : lanes_)
    for (const Batch& batch : {lane.running, lane.next})
      if (batch) fail(*batch, error);
}

void Batcher::dispatch() {
  const TimePoint now = clock().now();
  wake_time_ = TimePoint::max();
  give_up_hung(now);
  if (now >= std::min(given_deadline_, looked_through_ + look_through_interval)) look_through(now);
  recall_outdated(now);
  drop_late(now);
  serve(now);

  for (const auto& [address, lane] : lanes_)
    if (lane.owes()) wake_at(patience(lane));
  wake_at(given_deadline_);
  if (const auto deadline = queues_.earliest_deadline()) wake_at(*deadline);
  report_positions(now);
  show_queues(now);
  set_alarm(now);
}

void Batcher::serve(TimePoint now) {
  std::vector<Lane*> free;
  for (auto& [address, lane] : lanes_)
    if (lane.free()) free.push_back(&lane);
  if (free.empty() || queues_.empty()) return;
  std::vector<QueueView> views = queues_.views(now);
  while (!free.empty() && !views.empty()) {
    Lane* lane = *std::min_element(free.begin(), free.end(),
                                   [this](const Lane* a, const Lane* b) { return turn(*a) < turn(*b); });
    const Decision decision = decide(*lane, views, now);
    if (decision.look_again) wake_at(*decision.look_again);
    if (decision.leave) {
      lane = prepared_for(decision, lane, free);
      put(*lane, decision);
    }
    std::erase(free, lane);
    if (decision.leave && !free.empty()) views = queues_.views(now);
  }
}

// One by one: what was given to a device and expires, and what has ended otherwise (another tile failed, or it was
// answered) and needs no device either.
void Batcher::look_through(TimePoint now) {
  looked_through_ = now;
  given_deadline_ = TimePoint::max();
  for_each_given([&](const Task& task) {
    if (task.job->ended()) return;
    if (task.job->ticket().deadline <= now)
      fail(std::span(&task, 1), {ErrorCode::deadline_exceeded, "its time was over before a device was done with it"});
    else
      given_deadline_ = std::min(given_deadline_, task.job->ticket().deadline);
  });
  const auto ended = [](const Task& task) { return task.job->ended(); };
  for (auto& [address, lane] : lanes_)
    if (lane.next && std::any_of(lane.next->begin(), lane.next->end(), ended)) recall(lane);
  for (const Task& task : queues_.take_if(ended)) positions_.forget(task.job);
}

// What waits is answered when its time is over. Before a batch is made it is answered, too, when its time is too short
// for any device; a device that has nothing to do tries in any case.
void Batcher::drop_late(TimePoint now) {
  const bool one_is_free =
      std::any_of(lanes_.begin(), lanes_.end(), [](const auto& each) { return each.second.free(); });
  const auto earliest = queues_.earliest_deadline();
  if (!earliest || (*earliest > now && (!one_is_free || has_idle()))) return;
  const Forecast speed = forecast();
  std::map<int, double> us_per_pixel;  // by class of area; 0 where nothing is certain
  const auto at_least = [&](Size size) {
    const auto [known, fresh] = us_per_pixel.try_emplace(area_class(size), 0);
    if (fresh && one_is_free && !has_idle())
      known->second = static_cast<double>(speed.at_least(size).value_or(Microseconds{}).count()) / area(size);
    return Microseconds(std::llround(known->second * area(size)));
  };
  fail(queues_.take_late([&](Size size) { return now + at_least(size); }),
       {ErrorCode::deadline_exceeded, "its time was over, or too short for the device, while it waited"});
}

// Better an answer now than the same answer when its time is over. A device that has nothing to do tries in any case:
// else one slow moment could have everything refused for ever, and nothing measured that says better.
void Batcher::refuse_hopeless(const JobPtr& job) {
  if (has_idle()) return;
  const TimePoint now = clock().now();
  const Size size = job->input().tiles.front().network_size();
  Forecast ahead = forecast_with_next();
  if (!ahead.at_least(size)) return;
  const auto own = urgency({job});
  const Priority priority = job->ticket().priority;
  queues_.for_each_line([&](Size other, Priority others, const TaskLine& line) {
    if (others <= priority) ahead.add_ahead(other, others < priority ? line.size() : line.count_until(own));
  });
  const auto needed = ahead.until_done(size, job->input().tiles.size());
  if (!needed || now + *needed <= job->ticket().deadline) return;
  if (auto outcome = job->fail({ErrorCode::deadline_exceeded, "it would be done in " + in_ms(*needed) + ", and has " +
                                                                  in_ms(job->ticket().deadline - now) + " left"}))
    repliers_.send(std::move(*outcome));
}

void Batcher::fail(std::span<const Task> tasks, const Error& error) {
  for (const Task& task : tasks) {
    positions_.forget(task.job);
    if (auto outcome = task.job->fail(error)) repliers_.send(std::move(*outcome));
  }
}

void Batcher::report_positions(TimePoint now) {
  if (positions_.due(now)) {
    std::vector<Positions::Waiting> waiting;
    const auto add = [&](const Task& task) { waiting.push_back({urgency(task), task.number, task.job}); };
    for (const auto& [address, lane] : lanes_)
      if (lane.next) std::for_each(lane.next->begin(), lane.next->end(), add);
    queues_.for_each(add);
    for (Progress& news : positions_.update(std::move(waiting), now, forecast())) repliers_.send(std::move(news));
  }
  if (const auto when = positions_.look_again()) wake_at(*when);
}

void Batcher::show_queues(TimePoint now) {
  if (!board_) return;
  bool nothing_waits = queues_.empty();
  for (const auto& [address, lane] : lanes_) nothing_waits = nothing_waits && !lane.next;
  if (nothing_waits && shown_empty_) return;
  if (now - shown_ < show_interval) return wake_at(shown_ + show_interval);
  QueueBoard::Counts counts;
  const auto count = [&](const Task& task) { ++counts[{task.input().network_size(), task.job->ticket().priority}]; };
  for (const auto& [address, lane] : lanes_)
    if (lane.next) std::for_each(lane.next->begin(), lane.next->end(), count);
  queues_.for_each_line([&](Size size, Priority priority, const TaskLine& line) {
    counts[{size, priority}] += line.size();
  });
  board_->write(std::move(counts));
  shown_ = now;
  shown_empty_ = nothing_waits;
}

// Alarms cannot be taken back, so none is set for what an earlier one will see: the times of those that have not rung
// fall from one to the next, and are few. Each ring is the earliest of them.
void Batcher::set_alarm(TimePoint now) {
  if (wake_time_ == TimePoint::max() || (!alarms_.empty() && alarms_.back() <= wake_time_)) return;
  delayed_send(this, std::max(wake_time_ - now, Clock::duration::zero()), flush_atom_v);
  alarms_.push_back(wake_time_);
}

void Batcher::ring() {
  while (!alarms_.empty() && alarms_.back() <= clock().now()) alarms_.pop_back();
  dispatch();
}

}  // namespace inpaintd
