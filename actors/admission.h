// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "core/job.h"
#include "core/result.h"

namespace inpaintd {

/// The service's door: bounds what is in flight, in requests and in bytes, before any of it is decoded. Thread safe.
///
/// Mailboxes are unbounded, so a request takes its place here first. The place is an object that travels with the
/// request; when its last holder lets go, whatever the path, the place is free again.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  Admission(std::size_t requests_max, std::size_t bytes_max);

  /// Takes a place for a request of `bytes`. The last sixteenth of count and bytes is kept for high priority, and low
  /// priority gets three quarters at most: so a flood of the less important does not lock out the rest. Errors:
  /// overloaded, with `retry_after` from how much is ahead; shutting_down after `close`.
  Result<Reservation> reserve(std::size_t bytes, Priority priority = Priority::normal);

  /// From now on a newcomer would wait so long for a device; not known when the devices were not measured yet.
  void expect(std::optional<Microseconds> wait);

  /// Refuses everything from now on.
  void close();

  /// Waits until nothing is in flight. False when `timeout` passed before.
  bool wait_until_empty(std::chrono::milliseconds timeout);

  [[nodiscard]] std::size_t requests() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  class Place;
  void release(std::size_t bytes);
  [[nodiscard]] std::chrono::milliseconds retry_after() const;

  const std::size_t requests_max_;
  const std::size_t bytes_max_;

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t requests_ = 0;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  TimePoint last_release_{};
  double seconds_per_release_ = 0;  // decayed mean; 0 until known
  std::optional<Microseconds> wait_;
};

}  // namespace inpaintd
