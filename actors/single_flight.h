// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/messages.h"
#include "core/fingerprint.h"

namespace inpaintd {

/// A request that waits for the outcome of an identical one.
struct Follower {
  Envelope envelope;        ///< goes back to the intake if the request has to be computed after all
  caf::actor_addr replier;  ///< sends the answer. Not a strong handle: repliers own the object that owns this one
};

/// Computes identical requests in flight once: the first request runs, and later ones may follow that run. Thread safe.
///
/// A request follows only a run that serves it as well as its own run would: the priority of the run is not lower, its
/// deadline is not later, and it reports progress if the request asked for progress. Otherwise the request runs, too.
/// The first run that succeeds answers all followers and ends the other runs, so that no request waits for a less
/// urgent one. When a run is cancelled or misses its deadline, its followers start anew (see Replier).
class SingleFlight {
 public:
  using Tell = std::function<void(const Progress&)>;

  /// If a run serves the request in `envelope`, moves the envelope out, lets the request follow the run, and calls
  /// `tell` with the run's last progress, if any. Otherwise leaves `envelope` as it is and returns the number of the
  /// run that the request starts. `replier` sends the answer of the request.
  [[nodiscard]] std::optional<std::uint64_t> join(const Fingerprint& key, Envelope& envelope,
                                                  const caf::actor_addr& replier, const Tell& tell);

  /// Sets the job of a run, so that another run's answer can end the job.
  void enlist(std::uint64_t run, const JobPtr& job);

  /// The fingerprint of the requests that the run computes; nothing when the run has ended.
  [[nodiscard]] std::optional<Fingerprint> key_of(std::uint64_t run) const;

  /// The requests to notify when a run ends, each exactly once.
  struct Landed {
    struct Runner {
      JobPtr job;
      caf::actor_addr replier;
    };
    std::vector<Follower> followers;
    std::vector<Runner> runners;  ///< other runs of the same requests, which need not be computed any more
  };
  /// Ends a run. If the run has a picture (`well`), returns all followers and the other runs; nothing if another run
  /// had a picture before. Otherwise returns the followers that no other run serves.
  [[nodiscard]] std::optional<Landed> land(std::uint64_t run, bool well);

  /// Takes out the followers with this request id.
  [[nodiscard]] std::vector<Follower> take(const std::string& id);

  /// Ends a run whose outcome could not be shared. Releases the followers if no other run is left; their places answer
  /// them.
  void forget(std::uint64_t run) noexcept;

  /// Releases every request that waits here; their places answer them.
  void clear();

  /// Passes the progress of a run on to the followers that asked for progress.
  void report(std::uint64_t run, const Progress& progress);

  /// The number of requests that follow a run.
  [[nodiscard]] std::size_t followers() const;

 private:
  struct Runner {
    Priority priority = Priority::normal;
    TimePoint deadline{};
    Clock::duration timeout{};
    bool progress = false;
    std::weak_ptr<Job> job;
    caf::actor_addr replier;

    [[nodiscard]] bool serves(const Ticket& ticket) const;
  };
  struct Flight {
    std::map<std::uint64_t, Runner> runners;  // never empty
    std::vector<Follower> followers;
    std::optional<Progress> progress;  // the last message that any runner reported

    /// Whether a run other than `without` (0: any) serves the request.
    [[nodiscard]] bool serves(const Ticket& ticket, std::uint64_t without = 0) const;
  };
  using Flights = std::map<Fingerprint, Flight>;

  mutable std::mutex mutex_;
  Flights flights_;
  std::map<std::uint64_t, Flights::iterator> by_run_;
  std::uint64_t last_run_ = 0;
};

}  // namespace inpaintd
