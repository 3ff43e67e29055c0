// SPDX-License-Identifier: Apache-2.0
#include "scheduling/forecast.h"

#include <algorithm>
#include <cmath>

#include "scheduling/area_class.h"

namespace inpaintd {

Forecast::Forecast(const LatencyTable& latencies, const std::vector<Worker>& workers, std::size_t batch_size_max)
    : latencies_(latencies), batch_size_max_(batch_size_max), workers_(workers.size()) {
  for (const Worker& worker : workers) {
    busy_ += worker.busy;
    const auto same = [&](const Device& device) { return device.name == worker.device; };
    const auto known = std::find_if(devices_.begin(), devices_.end(), same);
    if (known != devices_.end())
      ++known->replicas;
    else
      devices_.push_back({worker.device, 1});
  }
}

void Forecast::add_ahead(Size size, std::size_t tiles) {
  const auto [entry, fresh] = ahead_.try_emplace(area_class(size), Ahead{size});
  entry->second.pixels += static_cast<double>(tiles) * area(size);
}

// The throughput of all devices together, each at its best batch size.
std::optional<double> Forecast::pixels_per_us(Size size) const {
  double sum = 0;
  for (const Device& device : devices_) {
    const auto times = latencies_.times(device.name, size);
    double best = 0;
    for (std::size_t count = 1;; count = std::min(count * 2, batch_size_max_)) {
      const auto time = times.estimate(count);
      if (!time) return std::nullopt;
      best = std::max(best, static_cast<double>(count) / std::max<double>(1, static_cast<double>(time->count())));
      if (count >= batch_size_max_) break;
    }
    sum += best * static_cast<double>(device.replicas);
  }
  return sum > 0 ? std::optional(sum * area(size)) : std::nullopt;
}

std::optional<Microseconds> Forecast::until_free() const {
  if (workers_ == 0) return std::nullopt;
  double us = static_cast<double>(busy_.count()) / static_cast<double>(workers_);
  for (const auto& [area_class, ahead] : ahead_) {
    const auto rate = pixels_per_us(ahead.size);
    if (!rate) return std::nullopt;
    us += ahead.pixels / *rate;
  }
  return Microseconds(std::llround(us));
}

std::optional<Microseconds> Forecast::until_done(Size size, std::size_t tiles) const {
  const auto start = until_free();
  const auto rate = pixels_per_us(size);
  if (!start || !rate) return std::nullopt;
  Microseconds last{0};
  for (const Device& device : devices_) last = std::max(last, *latencies_.estimate(device.name, size, 1));
  const auto others = static_cast<double>(tiles - std::min<std::size_t>(tiles, 1)) * area(size) / *rate;
  return *start + Microseconds(std::llround(others)) + last;
}

std::optional<Microseconds> Forecast::at_least(Size size) const {
  std::optional<Microseconds> fastest;
  for (const Device& device : devices_) {
    const auto times = latencies_.times(device.name, size);
    const auto time = times.estimate(1);
    if (!time || !times.solid()) return std::nullopt;
    fastest = std::min(fastest.value_or(*time), *time);
  }
  return fastest;
}

}  // namespace inpaintd
