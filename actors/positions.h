// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "actors/forecast.h"
#include "actors/messages.h"
#include "actors/task_queues.h"

namespace inpaintd {

/// Tells those clients that follow the progress of their request where it stands: at once, and again when it has moved
/// up by a quarter or more, at most four times a second.
///
/// To know a position is to sort everything that waits, so the positions of all are looked at together, every 10 ms at
/// most, however many requests come meanwhile.
class Positions {
 public:
  void follow(const JobPtr& job);
  void forget(const JobPtr& job) { told_.erase(job); }
  /// Its first tile runs: the message to send, if anybody follows and was not told yet.
  std::optional<Progress> started(const JobPtr& job, std::size_t batch_size, const std::string& device);

  /// True when `update` might have something to tell.
  [[nodiscard]] bool due(TimePoint now) const;
  /// When to call `update` even if nothing else happens, for those that were told nothing yet.
  [[nodiscard]] std::optional<TimePoint> look_again() const;

  struct Waiting {
    Urgency urgency;
    std::uint64_t number = 0;  ///< in order of arrival
    JobPtr job;
  };
  /// `waiting` holds every tile that no device has started, and `ahead` what the devices have. What has to be told now.
  std::vector<Progress> update(std::vector<Waiting> waiting, TimePoint now, Forecast ahead);

 private:
  struct Told {
    std::size_t position = 0;
    TimePoint when{};  // never yet: TimePoint{}
  };
  /// True when its client has to be told that it stands there.
  bool tell(const JobPtr& job, std::size_t position, TimePoint now);

  std::map<std::weak_ptr<Job>, Told, std::owner_less<>> told_;  // weak: a job that got lost shall not live on here
  bool newcomers_ = false;                                      // since the last look
  TimePoint looked_{};
};

}  // namespace inpaintd
