// SPDX-License-Identifier: Apache-2.0
#include "actors/admission.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace inpaintd {

namespace {

// What of `max` a request of this priority may fill, with what is there; at least 1.
std::size_t fillable(std::size_t max, Priority priority) {
  constexpr std::size_t sixteenths[] = {16, 15, 12};
  return max - max * (16 - sixteenths[static_cast<std::size_t>(priority)]) / 16;
}

}  // namespace

class Admission::Place {
 public:
  Place(std::shared_ptr<Admission> home, std::size_t bytes) : home_(std::move(home)), bytes_(bytes) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { home_->release(bytes_); }

 private:
  const std::shared_ptr<Admission> home_;
  const std::size_t bytes_;
};

Admission::Admission(std::size_t requests_max, std::size_t bytes_max)
    : requests_max_(requests_max), bytes_max_(bytes_max) {}

Result<Reservation> Admission::reserve(std::size_t bytes, Priority priority) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Error{ErrorCode::shutting_down, "this worker is shutting down; send the request again"};
    // One request larger than the whole byte budget may still pass alone: its size has limits of its own.
    const bool full = requests_ >= fillable(requests_max_, priority) ||
                      (requests_ > 0 && bytes_ + bytes > fillable(bytes_max_, priority));
    if (full)
      return Error{ErrorCode::overloaded, std::to_string(requests_) + " requests are in flight, no more are taken",
                   retry_after()};
    if (requests_ == 0) last_release_ = Clock::now();  // idle time says nothing about the rate
    ++requests_;
    bytes_ += bytes;
  }
  return Reservation(std::make_shared<Place>(shared_from_this(), bytes));
}

void Admission::expect(std::optional<Microseconds> wait) {
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

void Admission::release(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  --requests_;
  bytes_ -= bytes;
  const TimePoint now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_release_).count();
  seconds_per_release_ += 0.1 * (seconds - seconds_per_release_);
  last_release_ = now;
  if (requests_ == 0) empty_.notify_all();
}

// Half of what is ahead must be done before a newcomer has a fair chance against the others that were refused. Ahead
// may be the devices' work, or that of those who decode and encode: then places become free more slowly than devices
// say.
std::chrono::milliseconds Admission::retry_after() const {
  const double devices = wait_ ? std::chrono::duration<double>(*wait_).count() : 0;
  const double places = seconds_per_release_ * static_cast<double>(requests_);
  return std::chrono::milliseconds(std::clamp<long>(std::lround(std::max(devices, places) / 2 * 1000), 10, 60'000));
}

}  // namespace inpaintd
