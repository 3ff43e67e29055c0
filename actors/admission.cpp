// SPDX-License-Identifier: Apache-2.0
#include "actors/admission.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace inpaintd {

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

Result<Reservation> Admission::reserve(std::size_t bytes) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Error{ErrorCode::shutting_down, "this worker is shutting down; send the request again"};
    // One request larger than the whole byte budget may still pass alone: its size has limits of its own.
    const bool full = requests_ >= requests_max_ || (requests_ > 0 && bytes_ + bytes > bytes_max_);
    if (full)
      return Error{ErrorCode::overloaded, std::to_string(requests_) + " requests are in flight, no more are taken",
                   retry_after()};
    if (requests_ == 0) last_release_ = Clock::now();  // idle time says nothing about the rate
    ++requests_;
    bytes_ += bytes;
  }
  return Reservation(std::make_shared<Place>(shared_from_this(), bytes));
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

// Half of what is in flight must leave before a newcomer has a fair chance against the others that were refused.
std::chrono::milliseconds Admission::retry_after() const {
  const double seconds = seconds_per_release_ * static_cast<double>(requests_) / 2;
  return std::chrono::milliseconds(std::clamp<long>(std::lround(seconds * 1000), 10, 60'000));
}

}  // namespace inpaintd
