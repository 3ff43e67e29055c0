// SPDX-License-Identifier: Apache-2.0
#include "actors/durable_jobs.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/guard.h"
#include "bus/subjects.h"

namespace inpaintd {
namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 10s;  // for a stream that does not exist yet
constexpr auto sweep_every = 30s;
constexpr auto pull_wait = 1s;
constexpr auto store_timeout = 5s;
constexpr auto pause_after_error = 1s;
constexpr auto patience_at_end = 10s;
constexpr int recorder_count = 2;

Error stopping() {
  return {ErrorCode::shutting_down, "this worker stopped before the job was started; another one gets it"};
}

}  // namespace

DurableJobs::DurableJobs(Parts parts)
    : parts_(std::move(parts)),
      records_({parts_.connection, parts_.prefix, parts_.settings.tries_max, parts_.metrics,
                [this] { return try_again(); }}),
      queue_(*parts_.connection, parts_.prefix) {}

DurableJobs::~DurableJobs() {
  stop_pulling();
  finish();
}

void DurableJobs::start(Enter enter) {
  if (parts_.settings.enabled == Availability::off) return;
  enter_ = std::move(enter);
  for (int i = 0; i < recorder_count; ++i) recorders_.emplace_back([this] { record(); });
  puller_ = std::thread([this] { pull(); });
}

void DurableJobs::stop_pulling() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, true)) return;
    patience_ = Clock::now() + patience_at_end;
  }
  changed_.notify_all();
  if (puller_.joinable()) puller_.join();
}

void DurableJobs::finish() {
  {
    std::unique_lock lock(mutex_);
    patience_ = Clock::now() + patience_at_end;
    changed_.wait_for(lock, patience_at_end, [this] { return held_.empty() || recorders_.empty(); });
    finishing_ = true;
  }
  changed_.notify_all();
  for (auto& each : recorders_) each.join();
  recorders_.clear();
}

std::size_t DurableJobs::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

Status DurableJobs::tell(const std::string& ack, Bytes bytes) {
  auto reply = wire::decode_reply(bytes);
  if (!reply) return reply.error();
  const std::lock_guard lock(mutex_);
  const auto entry = held_.find(ack);
  if (entry == held_.end())
    return Error{ErrorCode::bad_request, "a reply subject that begins with $JS.ACK is no inbox; use one of _INBOX"};
  Held& held = entry->second;
  // Progress that was not recorded in time is replaced by what came later, and nothing replaces an end.
  const bool ended =
      held.news && (std::holds_alternative<wire::Done>(*held.news) || std::holds_alternative<wire::Failed>(*held.news));
  if (ended) return Ok{};
  if (!held.news && !held.recording) news_.push_back(ack);
  held.news = std::move(*reply);
  changed_.notify_all();
  return Ok{};
}

void DurableJobs::pull() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    if (!contained("durable jobs", [this] { pull_once(); })) wait_before(pause_after_error);
  }
  contained("durable jobs", [this] { give_back_rest(); });
}

void DurableJobs::pull_once() {
  keep_alive();
  if (!look()) {
    wait_before(1s);
    return;
  }
  if (Clock::now() >= next_sweep_) {
    next_sweep_ = Clock::now() + sweep_every;
    records_.sweep();
  }
  {
    std::unique_lock lock(mutex_);
    const auto may_pull = [this] { return !suspect_ && !alone_ && held_.size() < parts_.held_max; };
    const auto may_enter = [this] { return suspect_ && held_.empty(); };
    changed_.wait_for(lock, std::min<std::chrono::milliseconds>(pull_wait, sign_every_),
                      [&] { return stopping_ || may_pull() || may_enter(); });
    if (stopping_) return;
    if (may_enter()) {
      HeldJob job = *std::exchange(suspect_, std::nullopt);
      alone_ = true;
      lock.unlock();
      return enter(std::move(job));
    }
    if (!may_pull()) return;
  }
  auto delivery = queue_.next(std::min<std::chrono::milliseconds>(pull_wait, sign_every_));
  if (!delivery) {
    spdlog::warn("durable jobs: {}", delivery.error().message);
    present_ = false;
    next_look_ = Clock::now() + look_again;
    return;
  }
  if (*delivery) admit(std::move(**delivery));
}

/// Whether the stream of jobs is there; asks the server from time to time while it is not.
bool DurableJobs::look() {
  if (present_ || Clock::now() < next_look_) return present_;
  next_look_ = Clock::now() + look_again;
  if (!parts_.connection->connected()) return false;
  const auto patience = queue_.patience(store_timeout);
  std::string problem;
  if (!patience) problem = patience.error().message;
  if (patience && !*patience && parts_.settings.enabled == Availability::on)
    problem = "jobs.enabled is on, and the stream INPAINT_JOBS does not exist; make it with inpaint-setup";
  if (!problem.empty() && problem != problem_) spdlog::warn("durable jobs: {}", problem);
  problem_ = std::move(problem);
  present_ = patience && *patience;
  if (present_) sign_every_ = **patience / 3;
  if (present_)
    spdlog::info("durable jobs are taken from the stream {}, at most {} at a time", jobs_stream, parts_.held_max);
  return present_;
}

void DurableJobs::admit(Delivery delivery) {
  auto job = records_.admit(std::move(delivery));
  if (!job) return;
  if (job->tries() == 1) return enter(std::move(*job));
  const std::lock_guard lock(mutex_);
  suspect_ = std::move(*job);
}

void DurableJobs::enter(HeldJob job) {
  Message message = job.delivery.message;
  Ticket promised;
  promised.result = job_result(job.id);
  promised.progress = true;
  {
    const std::lock_guard lock(mutex_);
    const std::string ack = job.ack();
    held_.emplace(ack, Held{std::move(job)});
  }
  enter_(std::move(message), std::move(promised));
}

/// Tells the server that all jobs are still being worked on.
void DurableJobs::keep_alive() {
  if (Clock::now() < next_sign_) return;
  next_sign_ = Clock::now() + sign_every_;
  const std::lock_guard lock(mutex_);
  for (const auto& [ack, held] : held_) records_.in_progress(held.job);
  if (suspect_) records_.in_progress(*suspect_);
}

void DurableJobs::give_back_rest() {
  if (suspect_) records_.give_back(*suspect_, stopping());
  suspect_.reset();
  while (auto delivery = queue_.remaining())
    if (auto job = records_.admit(std::move(*delivery))) records_.give_back(*job, stopping());
}

void DurableJobs::record() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return finishing_ || !news_.empty(); });
    if (news_.empty()) return;
    const auto entry = held_.find(news_.front());
    news_.pop_front();
    if (entry != held_.end()) record_one(lock, entry);
  }
}

void DurableJobs::record_one(std::unique_lock<std::mutex>& lock, Entry entry) {
  Held& held = entry->second;
  const wire::Reply news = *std::exchange(held.news, std::nullopt);
  const bool ended = std::holds_alternative<wire::Done>(news) || std::holds_alternative<wire::Failed>(news);
  held.recording = true;
  lock.unlock();
  contained("durable jobs", [&] { ended ? records_.end(held.job, news) : records_.report(held.job, news); });
  lock.lock();
  held.recording = false;
  if (ended) {
    held_.erase(entry);
    alone_ = alone_ && !held_.empty();
  } else if (held.news) {
    news_.push_back(entry->first);
  }
  changed_.notify_all();
}

/// For JobRecords: waits a second, unless there is no time left.
bool DurableJobs::try_again() {
  if (Clock::now() >= patience_.load()) return false;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause_after_error, [this] { return finishing_; });
  return true;
}

/// Waits, or less while the service ends. Returns whether it goes on.
bool DurableJobs::wait_before(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping_; });
  return !stopping_;
}

}  // namespace inpaintd
