// SPDX-License-Identifier: Apache-2.0
#include "actors/forecast.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace inpaintd {

Forecast::Forecast(const LatencyTable& latencies, std::vector<Worker> workers, std::size_t batch_size_max)
    : latencies_(latencies), workers_(std::move(workers)), batch_size_max_(batch_size_max) {}

void Forecast::add_ahead(Size size, std::size_t tiles) { ahead_[size] += tiles; }

// Of all devices together, each at the batch size that suits it.
std::optional<double> Forecast::tiles_per_us(Size size) const {
  double sum = 0;
  for (const Worker& worker : workers_) {
    double best = 0;
    for (std::size_t count = 1;; count = std::min(count * 2, batch_size_max_)) {
      const auto time = latencies_.estimate(worker.device, size, count);
      if (!time) return std::nullopt;
      best = std::max(best, static_cast<double>(count) / std::max<double>(1, static_cast<double>(time->count())));
      if (count >= batch_size_max_) break;
    }
    sum += best;
  }
  return sum > 0 ? std::optional(sum) : std::nullopt;
}

std::optional<Microseconds> Forecast::until_free() const {
  if (workers_.empty()) return std::nullopt;
  double us = 0;
  for (const Worker& worker : workers_)
    us += static_cast<double>(worker.busy.count()) / static_cast<double>(workers_.size());
  for (const auto& [size, tiles] : ahead_) {
    const auto rate = tiles_per_us(size);
    if (!rate) return std::nullopt;
    us += static_cast<double>(tiles) / *rate;
  }
  return Microseconds(std::llround(us));
}

std::optional<Microseconds> Forecast::until_done(Size size, std::size_t tiles) const {
  const auto start = until_free();
  const auto rate = tiles_per_us(size);
  if (!start || !rate) return std::nullopt;
  Microseconds last{0};
  for (const Worker& worker : workers_) last = std::max(last, *latencies_.estimate(worker.device, size, 1));
  const auto others = static_cast<double>(tiles - std::min<std::size_t>(tiles, 1)) / *rate;
  return *start + Microseconds(std::llround(others)) + last;
}

std::optional<Microseconds> Forecast::at_least(Size size) const {
  std::optional<Microseconds> fastest;
  for (const Worker& worker : workers_) {
    const auto time = latencies_.estimate(worker.device, size, 1);
    if (!time || !latencies_.solid(worker.device, size)) return std::nullopt;
    fastest = std::min(fastest.value_or(*time), *time);
  }
  return fastest;
}

}  // namespace inpaintd
