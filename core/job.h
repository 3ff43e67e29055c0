// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/input.h"
#include "core/result.h"

namespace inpaintd {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Microseconds = std::chrono::microseconds;

/// Where a request's time went.
struct Timings {
  Microseconds decode{};
  Microseconds queue{};
  Microseconds infer{};
  Microseconds encode{};
  Microseconds total{};
};

/// A request's place in the service (scheduling/admission.h). It is given back when its last holder lets go.
class Place;
using Reservation = std::shared_ptr<Place>;

/// Who asked, and what was promised.
struct Ticket {
  std::string id;
  std::string reply;  ///< the client's inbox
  Priority priority = Priority::normal;
  TimePoint received{};
  TimePoint deadline{};
  bool progress = false;
  std::string traceparent;  ///< W3C trace context as received, or empty
  std::uint64_t run = 0;    ///< by which identical requests find it; 0 when they can not
  /// Shared by all copies, where progress is reported: set with the final message, which has to be the last.
  std::shared_ptr<std::atomic<bool>> answered;
};

/// What a batch says about itself in the reply.
struct BatchFacts {
  std::size_t size = 0;
  std::string device;
  std::string model;
  TimePoint started{};
  Microseconds infer{};
};

/// A finished picture, encoded: what several requests can be answered with.
struct Answer {
  std::string image;
  Format format = Format::png;
  Size size;    ///< of `image`
  Rect region;  ///< where `image` lies in the request's picture
  std::size_t batch_size = 0;
  std::string device;
  std::string model;
  std::vector<Note> notes;
};

/// How a request ended; `predictions` are the network's answers, one per tile of the job.
struct Outcome {
  Ticket ticket;
  std::shared_ptr<const Input> input;  ///< null when the request never became a job
  Result<std::vector<Pixels>> predictions;
  Timings timings;
  std::size_t batch_size = 0;  ///< 0, and no device and model, when nothing had to be computed
  std::string device;
  std::string model;
  Reservation reservation;               ///< kept until the answer is sent
  std::shared_ptr<const Answer> answer;  ///< when an identical request's picture answers this one: nothing was computed
};

/// A progress message to the client of `ticket`: queued behind `position` others, or running.
struct Progress {
  Ticket ticket;
  bool running = false;
  std::size_t position = 0;
  std::chrono::milliseconds eta{};
  std::size_t batch_size = 0;
  std::string device;
};

/// How a request ends after an exception: the client can only tell us its name.
inline Error internal_error(const Ticket& ticket) { return {ErrorCode::internal, "request " + ticket.id}; }
/// How a request ends that its client has cancelled.
inline Error cancelled_by_client() { return {ErrorCode::cancelled, "cancelled by the client"}; }

/// The end of a request that never became a job: refused, or answered with an identical one's picture.
Outcome failed_outcome(Ticket ticket, Error error, Reservation reservation);
Outcome known_outcome(Ticket ticket, std::shared_ptr<const Answer> answer, Reservation reservation);

/// An accepted request on its way through the service. Shared between its tiles; safe to use from several threads.
///
/// Each job ends exactly once: of all calls to `fail` and to the `deliver` of its last tile, one returns the
/// Outcome and every other one returns nothing.
class Job {
 public:
  Job(Ticket ticket, std::shared_ptr<const Input> input, Microseconds decode_time, Reservation reservation = nullptr);

  [[nodiscard]] const Ticket& ticket() const { return ticket_; }
  [[nodiscard]] const Input& input() const { return *input_; }
  [[nodiscard]] bool ended() const { return ended_.load(); }

  /// Hands in the network's answer for one tile. Returns the Outcome with the last tile.
  [[nodiscard]] std::optional<Outcome> deliver(std::size_t tile, Pixels prediction, const BatchFacts& batch);

  /// Ends the job without a picture. Returns the Outcome unless the job had ended before.
  [[nodiscard]] std::optional<Outcome> fail(Error error);

  /// Ends the job with the picture of an identical request. Returns the Outcome unless the job had ended before.
  [[nodiscard]] std::optional<Outcome> finish_with(std::shared_ptr<const Answer> answer);

  /// A job without tiles is done at once: nothing to compute.
  [[nodiscard]] std::optional<Outcome> finish_without_tiles();

 private:
  [[nodiscard]] Outcome make_outcome(Result<std::vector<Pixels>> predictions);

  const Ticket ticket_;
  const std::shared_ptr<const Input> input_;
  std::atomic<bool> ended_{false};

  std::mutex mutex_;  // guards what follows: tiles of one job may finish on several devices
  std::vector<Pixels> predictions_;
  std::size_t missing_;
  Timings timings_;
  std::size_t batch_size_ = 0;
  std::string device_;
  std::string model_;
  Reservation reservation_;  // leaves with the Outcome
};

using JobPtr = std::shared_ptr<Job>;

/// One tile of a job: the unit that is queued and batched.
struct Task {
  JobPtr job;
  std::size_t tile = 0;
  int attempts = 0;          ///< how often a device took it, failed and did not answer
  int losses = 0;            ///< how often a device took it and was lost
  TimePoint queued{};        ///< since when it waits
  std::uint64_t number = 0;  ///< in order of arrival

  [[nodiscard]] const Tile& input() const { return job->input().tiles[tile]; }
  /// It may be what a device died of.
  [[nodiscard]] bool suspect() const { return attempts + losses > 0; }
};

}  // namespace inpaintd
