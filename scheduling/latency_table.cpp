// SPDX-License-Identifier: Apache-2.0
#include "scheduling/latency_table.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

#include "scheduling/area_class.h"

namespace inpaintd {
namespace {

constexpr double newest_weight = 0.2;  // an old value has half of its weight after three batches
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
  Curves& curves = devices_[device];
  const auto place = curves.find(area_class(size));
  Curve curve =
      place == curves.end() ? Curve{} : place->second;  // a copy, so that no curve is empty if memory runs out
  curve.record(count, static_cast<double>(elapsed.count()) / area(size));
  curves[area_class(size)] = std::move(curve);
}

void LatencyTable::Curve::record(std::size_t count, double us_per_pixel) {
  const auto known = from(count);
  if (known == entries.end() || known->count != count) {
    entries.insert(known, {count, us_per_pixel, ++measured});
    return;
  }
  Entry& entry = entries[static_cast<std::size_t>(known - entries.begin())];
  const bool forgotten = measured - entry.number > outdated_after;
  entry.us_per_pixel += (forgotten ? 1 : newest_weight) * (us_per_pixel - entry.us_per_pixel);
  entry.number = ++measured;
}

std::vector<LatencyTable::Entry>::const_iterator LatencyTable::Curve::from(std::size_t count) const {
  return std::lower_bound(entries.begin(), entries.end(), count,
                          [](const Entry& entry, std::size_t count) { return entry.count < count; });
}

double LatencyTable::Curve::at(std::size_t count) const {
  const auto above = from(count);
  const auto proportional = [count](const Entry& known) {
    return known.us_per_pixel * static_cast<double>(count) / static_cast<double>(known.count);
  };
  if (above == entries.begin()) return proportional(*above);
  const auto below = std::prev(above);
  if (above == entries.end()) return proportional(*below);
  const double way = static_cast<double>(count - below->count) / static_cast<double>(above->count - below->count);
  return below->us_per_pixel + way * (above->us_per_pixel - below->us_per_pixel);
}

LatencyTable::Times LatencyTable::times(const std::string& device, Size size) const {
  const int wanted = area_class(size);
  Times times;
  times.pixels_ = area(size);
  int best_distance = 0;
  const auto consider = [&](const Curves& curves) {
    if (curves.empty()) return;
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
  return Microseconds(std::llround(nearest_->at(count) * pixels_));
}

bool LatencyTable::Times::solid() const { return own_ && own_->measured >= solid_after; }

bool LatencyTable::Times::outdated(std::size_t count) const {
  if (!own_) return true;
  const auto entry = own_->from(count);
  return entry == own_->entries.end() || entry->count != count || own_->measured - entry->number > outdated_after;
}

}  // namespace inpaintd
