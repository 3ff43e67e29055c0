// SPDX-License-Identifier: Apache-2.0
#include "actors/batcher.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

namespace inpaintd {
namespace {

constexpr std::chrono::milliseconds progress_interval{250};  // the protocol's four a second

}  // namespace

Batcher::Batcher(caf::actor_config& config, BatcherSettings settings, Repliers repliers,
                 std::shared_ptr<QueueBoard> board)
    : caf::event_based_actor(config), settings_(settings), repliers_(std::move(repliers)), board_(std::move(board)) {}

caf::behavior Batcher::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { device_down(down.source); });
  return {
      [this](const JobPtr& job) { enqueue(job); },
      [this](ready_atom, const caf::actor& device, const Measurement& last) { device_ready(device, last); },
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
void Batcher::on_exit() {
  idle_.clear();
  held_.clear();
}

void Batcher::enqueue(const JobPtr& job) {
  const TimePoint now = clock().now();
  for (std::size_t tile = 0; tile < job->input().tiles.size(); ++tile) queues_.push({job, tile}, now);
  if (job->ticket().progress) told_.emplace(job, Told{});
  dispatch();
}

void Batcher::device_ready(const caf::actor& device, const Measurement& last) {
  if (last.count > 0) latencies_.record(last.device, last.size, last.count, last.elapsed);
  const bool known = held_.erase(device.address()) > 0;
  if (!known) monitor(device);
  idle_.push_back({device, last.device});
  dispatch();
}

void Batcher::device_down(const caf::actor_addr& device) {
  std::erase_if(idle_, [&](const Idle& idle) { return idle.device.address() == device; });
  const auto held = held_.find(device);
  if (held == held_.end()) return;
  const Batch batch = held->second;
  held_.erase(held);

  const TimePoint now = clock().now();
  for (const Task& task : *batch) {
    if (task.job->ended()) continue;
    if (task.attempts > settings_.retries_max)
      fail({task}, {ErrorCode::device_failed, "the device failed while it worked on this request"});
    else
      queues_.push(task, now);
  }
  dispatch();
}

void Batcher::cancel(const std::string& id) {
  const auto tasks = queues_.take_if([&](const Task& task) { return task.job->ticket().id == id; });
  fail(tasks, {ErrorCode::cancelled, "cancelled by the client"});
  report_positions(false);
  show_queues();
}

void Batcher::drain() {
  draining_ = true;
  settings_.batch.wait_max = std::chrono::milliseconds(0);
  dispatch();
}

void Batcher::abandon() {
  const Error error{ErrorCode::shutting_down, "this worker stopped before the request was done; send it again"};
  fail(queues_.take_if([](const Task&) { return true; }), error);
  for (const auto& [device, batch] : held_) fail(*batch, error);
}

void Batcher::dispatch() {
  drop_expired();
  while (!idle_.empty()) {
    const Decision decision = choose_batch(queues_.views(), settings_.batch, clock().now());
    if (!decision.leave) {
      if (decision.look_again) wake_at(*decision.look_again);
      break;
    }
    const Idle idle = idle_.back();
    idle_.pop_back();
    hand_over(idle, queues_.take(*decision.leave, decision.count));
  }
  if (const auto deadline = queues_.earliest_deadline()) wake_at(*deadline);
  report_positions(true);
  show_queues();
}

void Batcher::hand_over(const Idle& idle, std::vector<Task> tasks) {
  for (Task& task : tasks) {
    ++task.attempts;
    const Ticket& ticket = task.job->ticket();
    if (ticket.progress && told_.erase(task.job) > 0)
      repliers_.send(Progress{ticket, true, 0, {}, tasks.size(), idle.name});
  }
  const auto batch = std::make_shared<std::vector<Task>>(std::move(tasks));
  held_.emplace(idle.device.address(), batch);
  send(idle.device, batch);
}

void Batcher::drop_expired() {
  const TimePoint now = clock().now();
  // Tasks of a job that has ended otherwise (another tile failed, or it was cancelled) need no device either.
  (void)queues_.take_if([](const Task& task) { return task.job->ended(); });
  fail(queues_.take_if([&](const Task& task) { return task.job->ticket().deadline <= now; }),
       {ErrorCode::deadline_exceeded, "its time was over while it waited for a device"});
}

void Batcher::fail(std::vector<Task> tasks, const Error& error) {
  for (const Task& task : tasks) {
    told_.erase(task.job);
    if (auto outcome = task.job->fail(error)) repliers_.send(std::move(*outcome));
  }
}

void Batcher::wake_at(TimePoint when) {
  if (when >= wake_time_) return;
  wake_time_ = when;
  const auto delay = std::max(when - clock().now(), Clock::duration::zero());
  delayed_send(this, delay, flush_atom_v, ++wake_generation_);
}

void Batcher::show_queues() {
  if (!board_) return;
  QueueBoard::Counts counts;
  queues_.for_each([&](const Task& task, std::size_t) {
    ++counts[{task.input().network_size(), task.job->ticket().priority}];
  });
  board_->write(std::move(counts));
}

void Batcher::report_positions(bool force_new) {
  if (told_.empty()) return;
  const TimePoint now = clock().now();
  std::set<JobPtr> seen;
  queues_.for_each([&](const Task& task, std::size_t ahead) {
    const auto told = told_.find(task.job);
    if (told == told_.end() || !seen.insert(task.job).second) return;
    auto& [position, when] = told->second;
    const bool fresh = when == TimePoint{};
    const bool moved = ahead * 4 < position * 3 && now - when >= progress_interval;
    if (!(fresh && force_new) && !moved) return;
    position = ahead;
    when = now;
    const auto batch = latencies_.estimate("", task.input().network_size(), ahead + 1);
    const auto eta = std::chrono::duration_cast<std::chrono::milliseconds>(batch.value_or(Microseconds{}));
    repliers_.send(Progress{task.job->ticket(), false, ahead, eta, 0, {}});
  });
}

}  // namespace inpaintd
