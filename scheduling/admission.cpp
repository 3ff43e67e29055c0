// SPDX-License-Identifier: Apache-2.0
#include "scheduling/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace inpaintd {

namespace {

// The part of `max` that requests may fill when one of this priority is added; at least 1.
std::size_t fillable(std::size_t max, Priority priority) {
  constexpr std::size_t sixteenths[] = {16, 15, 12};
  return max - max * (16 - sixteenths[static_cast<std::size_t>(priority)]) / 16;
}

}  // namespace

Admission::Admission(std::size_t requests_max, std::size_t bytes_max)
    : requests_max_(requests_max), bytes_max_(bytes_max) {}

Result<Reservation> Admission::reserve(std::size_t bytes, Priority priority) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Error{ErrorCode::shutting_down, "this worker is shutting down; send the request again"};
    // A request larger than the whole byte budget may still pass alone, because its size has limits of its own.
    const bool full = requests_ >= fillable(requests_max_, priority) ||
                      (requests_ > 0 && bytes_ + bytes > fillable(bytes_max_, priority));
    if (full) return overloaded("the service is full");
    if (requests_ == 0) last_release_ = Clock::now();  // idle time does not count for the rate
    ++requests_;
    bytes_ += bytes;
  }
  try {
    return std::make_shared<Place>(shared_from_this(), bytes, priority);
  } catch (...) {
    release(bytes, false);
    throw;
  }
}

Status Admission::resize(std::size_t from, std::size_t to, bool decoded, Priority priority) {
  std::lock_guard lock(mutex_);
  // As above, a request larger than the whole byte budget passes if no other one holds pixels.
  const bool alone = decoded_ == (decoded ? 1 : 0);
  if (!alone && to > from && bytes_ - from + to > fillable(bytes_max_, priority))
    return overloaded(fmt::format("another one of {} bytes would exceed service.in_flight_bytes_max", to));
  bytes_ = bytes_ - from + to;
  if (!decoded) ++decoded_;
  return Ok{};
}

Error Admission::overloaded(const std::string& why) const {
  return {ErrorCode::overloaded,
          fmt::format("{} requests are in flight, and {}; send the request again after retry_after_ms", requests_, why),
          retry_after()};
}

void Admission::set_expected_wait(std::optional<Microseconds> wait) {
  std::lock_guard lock(mutex_);
  wait_ = wait;
}

void Admission::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

bool Admission::wait_until_empty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, timeout, [this] { return requests_ == 0; });
}

std::size_t Admission::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t Admission::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

void Admission::release(std::size_t bytes, bool decoded) {
  std::lock_guard lock(mutex_);
  --requests_;
  if (decoded) --decoded_;
  bytes_ -= bytes;
  const TimePoint now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_release_).count();
  seconds_per_release_ += 0.1 * (seconds - seconds_per_release_);
  last_release_ = now;
  if (requests_ == 0) empty_.notify_all();
}

// A refused request has a fair chance against the other refused ones when half of the work ahead is done. That work may
// be the devices' (the expected wait), or decoding and encoding (the rate at which places become free).
std::chrono::milliseconds Admission::retry_after() const {
  const double devices = wait_ ? std::chrono::duration<double>(*wait_).count() : 0;
  const double places = seconds_per_release_ * static_cast<double>(requests_);
  return std::chrono::milliseconds(std::clamp<long>(std::lround(std::max(devices, places) / 2 * 1000), 10, 60'000));
}

Place::Place(std::shared_ptr<Admission> home, std::size_t bytes, Priority priority)
    : home_(std::move(home)), priority_(priority), bytes_(bytes) {}

// The answer is sent first, so that every request is answered when wait_until_empty() returns.
Place::~Place() {
  if (lost_ && !settled_) lost_(ticket_, refusal());
  home_->release(bytes_, decoded_);
}

Status Place::hold_decoded(std::size_t bytes) {
  if (Status held = home_->resize(bytes_, bytes, decoded_, priority_); !held) return held;
  bytes_ = bytes;
  decoded_ = true;
  return Ok{};
}

void Place::answer_for(Ticket ticket, Lost lost) {
  ticket_ = std::move(ticket);
  lost_ = std::move(lost);
}

std::optional<Error> Place::refusal(bool predicted) const {
  const Ending ending = home_->ending_;
  if (ending == Ending::none || (predicted && ending == Ending::no_new_work)) return std::nullopt;
  return Error{ErrorCode::shutting_down, "this worker stopped before the request was computed; send the request again"};
}

}  // namespace inpaintd
