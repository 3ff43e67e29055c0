// SPDX-License-Identifier: Apache-2.0
#include "core/job.h"

#include <algorithm>
#include <utility>

namespace inpaintd {

Outcome failed_outcome(Ticket ticket, Error error, Reservation reservation) {
  return {std::move(ticket), nullptr, std::move(error), {}, 0, {}, {}, std::move(reservation), nullptr};
}

Outcome known_outcome(Ticket ticket, std::shared_ptr<const Answer> answer, Reservation reservation) {
  return {std::move(ticket), nullptr, std::vector<Pixels>{}, {}, 0, {}, {}, std::move(reservation), std::move(answer)};
}

Job::Job(Ticket ticket, std::shared_ptr<const Input> input, Microseconds decode_time, Reservation reservation)
    : ticket_(std::move(ticket)),
      input_(std::move(input)),
      predictions_(input_->tiles.size()),
      missing_(input_->tiles.size()),
      reservation_(std::move(reservation)) {
  timings_.decode = decode_time;
}

std::optional<Outcome> Job::deliver(std::size_t tile, Pixels prediction, const BatchFacts& batch) {
  std::lock_guard lock(mutex_);
  if (ended_ || !predictions_.at(tile).empty()) return std::nullopt;
  predictions_[tile] = std::move(prediction);
  batch_size_ = std::max(batch_size_, batch.size);
  device_ = batch.device;
  model_ = batch.model;
  timings_.infer += batch.infer;
  const auto waited = std::chrono::duration_cast<Microseconds>(batch.started - ticket_.received) - timings_.decode;
  timings_.queue = std::max(timings_.queue, waited);
  if (--missing_ > 0 || ended_.exchange(true)) return std::nullopt;
  return make_outcome(std::move(predictions_));
}

std::optional<Outcome> Job::fail(Error error) {
  std::lock_guard lock(mutex_);
  if (ended_.exchange(true)) return std::nullopt;
  return make_outcome(std::move(error));
}

std::optional<Outcome> Job::finish_with(std::shared_ptr<const Answer> answer) {
  std::lock_guard lock(mutex_);
  if (ended_.exchange(true)) return std::nullopt;
  Outcome outcome = make_outcome(std::vector<Pixels>{});
  outcome.answer = std::move(answer);
  return outcome;
}

std::optional<Outcome> Job::finish_without_tiles() {
  std::lock_guard lock(mutex_);
  assert(predictions_.empty());
  if (ended_.exchange(true)) return std::nullopt;
  return make_outcome(std::vector<Pixels>{});
}

Outcome Job::make_outcome(Result<std::vector<Pixels>> predictions) {
  return {ticket_, input_, std::move(predictions),  timings_, batch_size_,
          device_, model_, std::move(reservation_), nullptr};
}

}  // namespace inpaintd
