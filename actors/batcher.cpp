// SPDX-License-Identifier: Apache-2.0
#include "actors/batcher.h"

#include <algorithm>
#include <utility>

namespace inpaintd {
namespace {

std::string in_ms(Clock::duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time).count()) + " ms";
}

}  // namespace

Batcher::Batcher(caf::actor_config& config, BatcherSettings settings, Repliers repliers,
                 std::shared_ptr<QueueBoard> board, std::shared_ptr<Admission> admission)
    : caf::event_based_actor(config),
      settings_(settings),
      repliers_(std::move(repliers)),
      board_(std::move(board)),
      admission_(std::move(admission)),
      queues_(settings.age_max) {}

caf::behavior Batcher::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { device_down(down.source); });
  return {
      [this](const JobPtr& job) { enqueue(job); },
      [this](const caf::actor& device, const Enlistment& enlistment) { enlist(device, enlistment); },
      [this](started_atom, const caf::actor& device, const Measurement& last) { started(device, last); },
      [this](idle_atom, const caf::actor& device, const Measurement& last) { idle(device, last); },
      [this](flush_atom, std::uint64_t generation) {
        if (generation != wake_generation_) return;
        wake_time_ = TimePoint::max();
        dispatch();
      },
      [this](cancel_atom, const std::string& id) { cancel(id); },
      [this](drain_atom) { drain(); },
      [this](abandon_atom) { abandon(); },
  };
}

// Devices hold the batcher and it holds them: one side has to let go.
void Batcher::on_exit() { lanes_.clear(); }

void Batcher::enqueue(const JobPtr& job) {
  const TimePoint now = clock().now();
  refuse_hopeless(job);
  if (abandoned_) {
    const Task task{job};
    fail(std::span(&task, 1), *abandoned_);
  }
  if (job->ended()) return;
  for (std::size_t tile = 0; tile < job->input().tiles.size(); ++tile) queues_.arrive({job, tile}, now);
  positions_.follow(job);
  dispatch();
}

void Batcher::cancel(const std::string& id) {
  const auto named = [&](const Task& task) { return task.job->ticket().id == id; };
  for (auto& [address, lane] : lanes_)
    if (lane.next && std::any_of(lane.next->begin(), lane.next->end(), named)) recall(lane);
  fail(queues_.take_if(named), {ErrorCode::cancelled, "cancelled by the client"});
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
  give_up_hung();
  recall_outdated();
  drop_gone();
  std::vector<Lane*> free;
  for (auto& [address, lane] : lanes_)
    if (!lane.next && !lane.hung) free.push_back(&lane);
  // Those that do nothing first, then those that will have nothing to do soonest.
  std::stable_sort(free.begin(), free.end(), [](const Lane* a, const Lane* b) {
    return std::pair(static_cast<bool>(a->running), a->since + a->expected) <
           std::pair(static_cast<bool>(b->running), b->since + b->expected);
  });
  for (Lane* lane : free) serve(*lane);

  for (const auto& [address, lane] : lanes_)
    if (lane.owes()) wake_at(patience(lane));
  wake_at_deadlines();
  report_positions();
  show_queues();
}

void Batcher::serve(Lane& lane) {
  const TimePoint now = clock().now();
  const auto others_idle =
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& each) { return each.second.idle(); });
  const TimePoint starts = lane.running ? std::max(now, lane.since + lane.expected) : now;
  const DeviceView view{lane.enlistment.name, latencies_, caps_, starts, static_cast<std::size_t>(others_idle)};
  const Decision decision = choose_batch(queues_.views(now), view, settings_.batch, now);
  if (decision.look_again) wake_at(*decision.look_again);
  if (decision.leave) put(lane, decision);
}

void Batcher::drop_gone() {
  const TimePoint now = clock().now();
  const Forecast speed = forecast();
  const bool busy = !has_idle();
  std::map<Size, Clock::duration> at_least;  // what a device needs for one, where that is certain
  const auto too_late = [&](const Task& task) {
    const Size size = task.input().network_size();
    const auto [time, fresh] = at_least.try_emplace(size);
    if (fresh && busy) time->second = speed.at_least(size).value_or(Microseconds{});
    return task.job->ticket().deadline <= now + time->second;
  };
  for_each_given([&](const Task& task) {
    if (task.job->ticket().deadline > now) return;
    fail(std::span(&task, 1), {ErrorCode::deadline_exceeded, "its time was over before a device was done with it"});
  });
  // Tasks of a job that has ended otherwise (another tile failed, or it was answered) need no device either.
  for (const Task& task : queues_.take_if([](const Task& task) { return task.job->ended(); }))
    positions_.forget(task.job);
  fail(queues_.take_if(too_late),
       {ErrorCode::deadline_exceeded, "its time was over, or too short for the device, while it waited"});
}

// Better an answer now than the same answer when its time is over. A device that has nothing to do tries in any case:
// else one slow moment could have everything refused for ever, and nothing measured that says better.
void Batcher::refuse_hopeless(const JobPtr& job) {
  if (has_idle()) return;
  const TimePoint now = clock().now();
  const auto own = urgency({job});
  Forecast ahead = forecast_with_next();
  queues_.for_each([&](const Task& task) {
    if (urgency(task) <= own) ahead.add_ahead(task.input().network_size(), 1);
  });
  const Size size = job->input().tiles.front().network_size();
  if (!ahead.at_least(size)) return;
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

void Batcher::report_positions() {
  const TimePoint now = clock().now();
  if (!positions_.due(now)) return;
  std::vector<Positions::Waiting> waiting;
  const auto add = [&](const Task& task) { waiting.push_back({urgency(task), task.number, task.job}); };
  for (const auto& [address, lane] : lanes_)
    if (lane.next) std::for_each(lane.next->begin(), lane.next->end(), add);
  queues_.for_each(add);
  const auto eta = [this](const JobPtr& job, std::span<const Positions::Waiting> before) {
    Forecast ahead = forecast();
    for (const auto& each : before) ahead.add_ahead(each.job->input().tiles.front().network_size(), 1);
    return ahead.until_done(job->input().tiles.front().network_size(), job->input().tiles.size());
  };
  for (Progress& news : positions_.update(std::move(waiting), now, eta)) repliers_.send(std::move(news));
}

void Batcher::show_queues() {
  if (!board_) return;
  QueueBoard::Counts counts;
  const auto count = [&](const Task& task) { ++counts[{task.input().network_size(), task.job->ticket().priority}]; };
  for (const auto& [address, lane] : lanes_)
    if (lane.next) std::for_each(lane.next->begin(), lane.next->end(), count);
  queues_.for_each(count);
  board_->write(std::move(counts));
}

void Batcher::wake_at_deadlines() {
  if (const auto deadline = queues_.earliest_deadline()) wake_at(*deadline);
  for_each_given([this](const Task& task) {
    if (!task.job->ended()) wake_at(task.job->ticket().deadline);
  });
}

void Batcher::wake_at(TimePoint when) {
  if (when >= wake_time_) return;
  wake_time_ = when;
  const auto delay = std::max(when - clock().now(), Clock::duration::zero());
  delayed_send(this, delay, flush_atom_v, ++wake_generation_);
}

}  // namespace inpaintd
