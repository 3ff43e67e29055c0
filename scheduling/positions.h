// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/job.h"
#include "scheduling/forecast.h"
#include "scheduling/task_queues.h"

namespace inpaintd {

/// Makes the progress messages with the positions of waiting requests, for clients that asked for progress: one at
/// once, and another one when the request has moved up by a quarter or more, at most four times a second.
///
/// Positions need a sort of all waiting tasks, so all positions are computed together, at most every 10 ms.
class Positions {
 public:
  /// Adds a job, if its client asked for progress.
  void follow(const JobPtr& job);
  void forget(const JobPtr& job) { told_.erase(job); }
  /// Notes that the first tile of `job` runs. Returns the message to send, if the client asked for progress and has not
  /// been told yet.
  std::optional<Progress> started(const JobPtr& job, std::size_t batch_size, const std::string& device);

  /// Whether it is time to call `update`. Called after every change.
  [[nodiscard]] bool due(TimePoint now);
  /// When to call `update` if nothing else happens, for clients whose message is not due yet.
  [[nodiscard]] std::optional<TimePoint> look_again() const;

  struct Waiting {
    Urgency urgency;
    std::uint64_t number = 0;  ///< in order of arrival
    JobPtr job;
  };
  /// Returns the messages to send now. `waiting` holds every tile that no device has started, and `ahead` the work that
  /// the devices have.
  std::vector<Progress> update(std::vector<Waiting> waiting, TimePoint now, Forecast ahead);

 private:
  struct Told {
    std::size_t position = 0;
    TimePoint when{};  // TimePoint{}: no message was sent yet
  };
  /// Whether the client has to be told that `job` is at `position`.
  bool tell(const JobPtr& job, std::size_t position, TimePoint now);

  std::map<std::weak_ptr<Job>, Told, std::owner_less<>> told_;  // weak, so that a lost job does not live on here
  TimePoint looked_{};                                          // the time of the last update
  std::optional<TimePoint> look_again_;
};

}  // namespace inpaintd
