// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/outcome.h"

namespace inpaintd {

/// One run of a batch, as the jobs of its tiles learn of it.
struct BatchFacts {
  RunInfo run;
  TimePoint started{};
  Microseconds infer{};
};

/// An accepted and decoded request on its way through the service. Shared by its tiles; thread safe.
///
/// Each job ends exactly once: of all calls of the functions that return an Outcome, one returns the Outcome and every
/// other one returns nothing.
class Job {
 public:
  Job(Ticket ticket, std::shared_ptr<const Input> input, Microseconds decode_time, Reservation reservation = nullptr);

  [[nodiscard]] const Ticket& ticket() const { return ticket_; }
  [[nodiscard]] const Input& input() const { return *input_; }
  [[nodiscard]] bool ended() const { return ended_.load(); }

  /// Adds the prediction for one tile; a second prediction for the same tile is ignored. The last tile ends the job.
  [[nodiscard]] std::optional<Outcome> deliver(std::size_t tile, Pixels prediction, const BatchFacts& batch);

  /// Ends the job without a picture.
  [[nodiscard]] std::optional<Outcome> fail(Error error);

  /// Ends the job with the picture of an identical request.
  [[nodiscard]] std::optional<Outcome> finish_with(std::shared_ptr<const Answer> answer);

  /// Ends a job without tiles, for which nothing has to be computed.
  [[nodiscard]] std::optional<Outcome> finish_without_tiles();

 private:
  [[nodiscard]] Outcome end_as(Outcome::Ending ending);

  const Ticket ticket_;
  const std::shared_ptr<const Input> input_;
  std::atomic<bool> ended_{false};

  std::mutex mutex_;  // guards the members below: tiles of one job may finish on several devices
  std::vector<Pixels> predictions_;
  std::size_t missing_;
  Timings timings_;
  RunInfo run_;
  Reservation reservation_;  // leaves with the Outcome
};

using JobPtr = std::shared_ptr<Job>;

}  // namespace inpaintd
