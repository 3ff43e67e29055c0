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

/// How far the end of the service has come.
enum class Ending : std::uint8_t {
  none,          ///< every request that has a place is worked on
  no_new_work,   ///< requests without predictions are refused, because no device will compute them any more
  only_refusals  ///< all unanswered requests are refused, because no time is left to encode pictures
};

/// Bounds the requests in flight and the bytes that they hold, before anything is decoded. Thread safe.
///
/// Mailboxes are unbounded, so a request takes a place here before it enters the first one. The place is an object that
/// travels with the request; when its last holder releases it, on whatever path, the place is free again.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  Admission(std::size_t requests_max, std::size_t bytes_max);

  /// Takes a place for a request that holds `bytes`. The last sixteenth of count and bytes is kept for high priority,
  /// and low priority gets three quarters at most, so that many requests of lower priority do not exclude the others.
  /// Errors: overloaded, with `retry_after` estimated from the requests in flight; shutting_down after `close`.
  Result<Reservation> reserve(std::size_t bytes, Priority priority = Priority::normal);

  /// Sets the time that a new request is expected to wait for a device, for `retry_after`; nothing when the devices
  /// have not been measured yet.
  void set_expected_wait(std::optional<Microseconds> wait);

  /// Refuses every new request from now on.
  void close();

  /// From now on, Place::refusal tells the actors to refuse requests instead of working on them.
  void end(Ending ending) { ending_ = ending; }

  /// Waits until no request is in flight. Returns false if `timeout` passes before.
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
  std::size_t decoded_ = 0;  ///< the number of these requests that hold pixels
  std::size_t bytes_ = 0;
  bool closed_ = false;
  TimePoint last_release_{};
  double seconds_per_release_ = 0;  // decayed mean; 0 until known
  std::optional<Microseconds> wait_;
};

/// The place of one request. It is used by one actor after the other, as the request moves on.
///
/// The place also answers for its request: if the last holder releases the place before `settle` was called, the
/// request was lost on its way (by an exception, or by an actor that ended), and the place answers it.
class Place {
 public:
  /// Called for a lost request; must not throw. `ending` is the error of a request that the end of the service left
  /// unfinished; otherwise nothing.
  using Lost = std::function<void(const Ticket& ticket, const std::optional<Error>& ending)>;

  Place(std::shared_ptr<Admission> home, std::size_t bytes, Priority priority);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  /// Changes the bytes of the request, which is about to be decoded. Errors: overloaded, when the bytes of all requests
  /// would be too many.
  Status hold_decoded(std::size_t bytes);

  /// From now on, `lost` is called if the place is released before `settle`.
  void answer_for(Ticket ticket, Lost lost);
  /// Replaces the ticket, when the id of the request is known, or the run that other requests may follow.
  void update(const Ticket& ticket) { ticket_ = ticket; }
  /// Notes that the final message was published.
  void settle() { settled_ = true; }
  [[nodiscard]] bool settled() const { return settled_; }

  /// The error with which the request has to end instead of being worked on; nothing while the service goes on.
  /// `predicted` says that the request has its predictions, so that only encoding is left.
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
