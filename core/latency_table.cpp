// SPDX-License-Identifier: Apache-2.0
#include "core/latency_table.h"

#include <cmath>

namespace inpaintd {
namespace {

constexpr double newest_weight = 0.2;  // half of an old value is forgotten after three batches

double pixels(Size size, std::size_t count) {
  return static_cast<double>(size.width) * size.height * static_cast<double>(count);
}

}  // namespace

void LatencyTable::record(const std::string& device, Size size, std::size_t count, Microseconds elapsed) {
  const auto us = static_cast<double>(elapsed.count());
  const auto [entry, fresh] = mean_us_.try_emplace({device, size, count}, us);
  if (!fresh) entry->second += newest_weight * (us - entry->second);
}

std::optional<Microseconds> LatencyTable::estimate(const std::string& device, Size size, std::size_t count) const {
  if (const auto exact = mean_us_.find({device, size, count}); exact != mean_us_.end())
    return Microseconds(std::llround(exact->second));

  const double wanted = pixels(size, count);
  double best_distance = 0;
  std::optional<Microseconds> best;
  for (const auto& [key, mean] : mean_us_) {
    const auto& [other_device, other_size, other_count] = key;
    const double known = pixels(other_size, other_count);
    const double distance = std::abs(std::log(wanted / known)) + (other_device == device ? 0.0 : 100.0);
    if (best && distance >= best_distance) continue;
    best_distance = distance;
    best = Microseconds(std::llround(mean * wanted / known));
  }
  return best;
}

}  // namespace inpaintd
