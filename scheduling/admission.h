// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/ticket.h"

namespace inpaintd {

/// How near the end of the service is.
enum class Ending : std::uint8_t {
  none,          ///< every request that has a place is worked on
  no_new_work,   ///< what has no prediction yet is refused: no device will work on it any more
  only_refusals  ///< what has not been answered yet is refused: no time is left, not even to encode
};

/// The service's door: bounds what is in flight, in requests and in bytes. Thread safe.
///
/// Mailboxes are unbounded, so a request takes its place here before anything else happens to it. The place is an
/// object that travels with the request; when its last holder lets go, whatever the path, the place is free again.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  Admission(std::size_t requests_max, std::size_t bytes_max);

  /// Takes a place for a request that holds `bytes`. The last sixteenth of count and bytes is kept for high priority,
  /// and low priority gets three quarters at most: so a flood of the less important does not lock out the rest.
  /// Errors: overloaded, with `retry_after` from how much is ahead; shutting_down after `close`.
  Result<Reservation> reserve(std::size_t bytes, Priority priority = Priority::normal);

  /// Sets the time that a new request is expected to wait for a device, for `retry_after`; nothing when the devices
  /// were not measured yet.
  void set_expected_wait(std::optional<Microseconds> wait);

  /// Refuses everything from now on.
  void close();

  /// From now on those who work on requests are to refuse them instead; see Place::refusal.
  void end(Ending ending) { ending_ = ending; }

  /// Waits until nothing is in flight. False when `timeout` passed before.
  bool wait_until_empty(std::chrono::milliseconds timeout);

  [[nodiscard]] std::size_t requests() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class Place;
  Status resize(std::size_t from, std::size_t to, bool decoded, Priority priority);
  void release(std::size_t bytes, bool decoded);
  [[nodiscard]] Error overloaded(const std::string& why) const;
  [[nodiscard]] std::chrono::milliseconds retry_after() const;

  const std::size_t requests_max_;
  const std::size_t bytes_max_;
  std::atomic<Ending> ending_{Ending::none};

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t requests_ = 0;
  std::size_t decoded_ = 0;  ///< of these, how many hold pixels
  std::size_t bytes_ = 0;
  bool closed_ = false;
  TimePoint last_release_{};
  double seconds_per_release_ = 0;  // decayed mean; 0 until known
  std::optional<Microseconds> wait_;
};

/// One request's place. Used by whoever works on the request at the moment, one after the other.
///
/// The place also stands in for its request: when the last holder lets go and nobody has called `settle`, the request
/// was lost on its way (an exception, an actor that ended), and the place gives it an answer.
class Place {
 public:
  /// Must not throw. `ending`: the error for a request that the end of the service leaves undone; else nothing.
  using Lost = std::function<void(const Ticket& ticket, const std::optional<Error>& ending)>;

  Place(std::shared_ptr<Admission> home, std::size_t bytes, Priority priority);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  /// The request is about to be decoded, and holds `bytes` from then on. Errors: overloaded, when that is too much
  /// beside the others.
  Status hold_decoded(std::size_t bytes);

  /// From now on `lost` is called when the place is given back before `settle`.
  void answer_for(Ticket ticket, Lost lost);
  /// More is known of the request now: its id, and the run that others may wait for.
  void update(const Ticket& ticket) { ticket_ = ticket; }
  /// The final message was published.
  void settle() { settled_ = true; }
  [[nodiscard]] bool settled() const { return settled_; }

  /// The error that the request is to end with instead of what comes next; nothing while the service goes on.
  /// `predicted`: the devices are done with the request, only its encoding is left.
  [[nodiscard]] std::optional<Error> refusal(bool predicted = false) const;

 private:
  const std::shared_ptr<Admission> home_;
  const Priority priority_;
  std::size_t bytes_;
  bool decoded_ = false;
  std::atomic<bool> settled_{false};
  Ticket ticket_;
  Lost lost_;
};

}  // namespace inpaintd
