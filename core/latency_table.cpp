// SPDX-License-Identifier: Apache-2.0
#include "core/latency_table.h"

#include <cmath>
#include <cstdlib>
#include <iterator>

#include "core/area_class.h"

namespace inpaintd {
namespace {

constexpr double newest_weight = 0.2;  // half of an old value is forgotten after three batches
constexpr std::uint64_t solid_after = 3;
constexpr std::uint64_t outdated_after = 200;

template <class Curves>
auto nearest(const Curves& curves, int wanted) {
  const auto above = curves.lower_bound(wanted);
  if (above == curves.begin()) return above;
  const auto below = std::prev(above);
  return above == curves.end() || wanted - below->first <= above->first - wanted ? below : above;
}

}  // namespace

void LatencyTable::record(const std::string& device, Size size, std::size_t count, Microseconds elapsed) {
  Curve& curve = devices_[device][area_class(size)];
  const double measured = static_cast<double>(elapsed.count()) / area(size);
  const auto [entry, fresh] = curve.by_count.try_emplace(count, Entry{measured, 0});
  double& mean = entry->second.us_per_pixel;
  const bool forgotten = curve.measured - entry->second.number > outdated_after;
  if (!fresh) mean += (forgotten ? 1 : newest_weight) * (measured - mean);
  entry->second.number = ++curve.measured;
}

double LatencyTable::at(const Curve& curve, std::size_t count) {
  const auto above = curve.by_count.lower_bound(count);
  const auto proportional = [count](const auto& known) {
    return known.second.us_per_pixel * static_cast<double>(count) / static_cast<double>(known.first);
  };
  if (above == curve.by_count.begin()) return proportional(*above);
  const auto below = std::prev(above);
  if (above == curve.by_count.end()) return proportional(*below);
  const double way = static_cast<double>(count - below->first) / static_cast<double>(above->first - below->first);
  return below->second.us_per_pixel + way * (above->second.us_per_pixel - below->second.us_per_pixel);
}

LatencyTable::Times LatencyTable::times(const std::string& device, Size size) const {
  const int wanted = area_class(size);
  Times times;
  times.pixels_ = area(size);
  int best_distance = 0;
  const auto consider = [&](const Curves& curves) {
    const auto candidate = nearest(curves, wanted);
    const int distance = std::abs(candidate->first - wanted);
    if (times.nearest_ && distance >= best_distance) return;
    times.nearest_ = &candidate->second;
    best_distance = distance;
  };
  if (const auto own = devices_.find(device); own != devices_.end()) {
    consider(own->second);
    if (best_distance == 0) times.own_ = times.nearest_;
  } else {
    for (const auto& [name, curves] : devices_) consider(curves);
  }
  return times;
}

std::optional<Microseconds> LatencyTable::Times::estimate(std::size_t count) const {
  if (!nearest_) return std::nullopt;
  return Microseconds(std::llround(at(*nearest_, count) * pixels_));
}

bool LatencyTable::Times::solid() const { return own_ && own_->measured >= solid_after; }

bool LatencyTable::Times::outdated(std::size_t count) const {
  if (!own_) return true;
  const auto entry = own_->by_count.find(count);
  return entry == own_->by_count.end() || own_->measured - entry->second.number > outdated_after;
}

}  // namespace inpaintd
