// SPDX-License-Identifier: Apache-2.0
#include "core/job.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace inpaintd {

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
  const std::size_t largest = std::max(run_.batch_size, batch.run.batch_size);
  run_ = batch.run;
  run_.batch_size = largest;
  timings_.infer += batch.infer;
  const auto waited = std::chrono::duration_cast<Microseconds>(batch.started - ticket_.received) - timings_.decode;
  timings_.queue = std::max(timings_.queue, waited);
  if (--missing_ > 0 || ended_.exchange(true)) return std::nullopt;
  return end_as(Computed{input_, std::move(predictions_), std::move(run_)});
}

std::optional<Outcome> Job::fail(Error error) {
  std::lock_guard lock(mutex_);
  if (ended_.exchange(true)) return std::nullopt;
  return end_as(std::move(error));
}

std::optional<Outcome> Job::finish_with(std::shared_ptr<const Answer> answer) {
  std::lock_guard lock(mutex_);
  if (ended_.exchange(true)) return std::nullopt;
  return end_as(std::move(answer));
}

std::optional<Outcome> Job::finish_without_tiles() {
  std::lock_guard lock(mutex_);
  assert(predictions_.empty());
  if (ended_.exchange(true)) return std::nullopt;
  return end_as(Computed{input_, {}, {}});
}

Outcome Job::end_as(Outcome::Ending ending) { return {ticket_, std::move(ending), timings_, std::move(reservation_)}; }

}  // namespace inpaintd
