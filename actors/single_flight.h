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

/// A request that waits for the outcome of an identical one, with its place in the service.
struct Follower {
  Ticket ticket;
  Envelope envelope;        ///< goes back to the intake, should the request have to run itself
  caf::actor_addr replier;  ///< answers it. No strong handle: repliers hold what holds this
};

/// Identical requests in flight are computed once: the first one runs, those that come while it does may follow it.
/// Thread safe.
///
/// A request follows only a run that serves it as well as its own would: of no lower priority, with no later deadline,
/// and reporting progress if it asked for that; else it runs, too. The first run that ends well ends all: its
/// followers, and the other runs. So no request waits for a less urgent one, and whichever is done first is the answer
/// to all. A run that is cancelled, or late, leaves its followers to start anew (see Replier).
class SingleFlight {
 public:
  using Tell = std::function<void(const Progress&)>;

  /// Lets `follower` wait if there is a run that it may follow, and tells it that run's last progress, if any. Else
  /// leaves `follower` as it is and returns the number of the run that it begins.
  [[nodiscard]] std::optional<std::uint64_t> join(const Fingerprint& key, Follower& follower, const Tell& tell);

  /// The job of a run, which another run's answer may end.
  void enlist(std::uint64_t run, const JobPtr& job);

  /// What the run computes; nothing when it has landed.
  [[nodiscard]] std::optional<Fingerprint> key_of(std::uint64_t run) const;

  /// Those whom the end of a run concerns, each exactly once.
  struct Landed {
    struct Runner {
      JobPtr job;
      caf::actor_addr replier;
    };
    std::vector<Follower> followers;
    std::vector<Runner> runners;  ///< they compute the same, and need not any more
  };
  /// A run has ended. `well`: it has the picture, for everybody; nothing is returned if another had it before.
  /// Otherwise the followers are returned that no other run serves as well.
  [[nodiscard]] std::optional<Landed> land(std::uint64_t run, bool well);

  /// Takes out the followers with this request id.
  [[nodiscard]] std::vector<Follower> take(const std::string& id);

  /// Ends a run whose outcome could not be shared. Followers that no other run is there for are let go of.
  void forget(std::uint64_t run) noexcept;

  /// Lets go of every request that waits here. Their places answer for them.
  void clear();

  /// Passes a run's progress on to those followers that asked for it.
  void report(std::uint64_t run, const Progress& progress);

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
    std::optional<Progress> progress;  // the last one that any runner reported

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
