// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "actors/messages.h"
#include "actors/task_queues.h"

namespace inpaintd {

/// Tells those clients that follow the progress of their request where it stands: at once, and again when it has moved
/// up by a quarter or more, at most four times a second.
class Positions {
 public:
  void follow(const JobPtr& job);
  void forget(const JobPtr& job) { told_.erase(job); }
  /// Its first tile runs: the message to send, if anybody follows and was not told yet.
  std::optional<Progress> started(const JobPtr& job, std::size_t batch_size, const std::string& device);

  /// True when somebody might have to be told something.
  [[nodiscard]] bool due(TimePoint now) const;

  struct Waiting {
    Urgency urgency;
    std::uint64_t number = 0;  ///< in order of arrival
    JobPtr job;
  };
  /// When a job will be done that has these before it.
  using Eta = std::function<std::optional<Microseconds>(const JobPtr& job, std::span<const Waiting> ahead)>;
  /// `waiting` holds every tile that no device has started. What has to be told now.
  std::vector<Progress> update(std::vector<Waiting> waiting, TimePoint now, const Eta& eta);

 private:
  struct Told {
    std::size_t position = 0;
    TimePoint when{};  // never yet: TimePoint{}
  };
  std::map<JobPtr, Told> told_;
};

}  // namespace inpaintd
