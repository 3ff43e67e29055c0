// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/pixels.h"
#include "core/time.h"

namespace inpaintd {

/// How long batches take, by device, size and count: exponentially decayed means of the measured times.
///
/// Sizes of nearly the same area (a factor of 1.4) share their measurements, scaled by pixels. So the table stays small
/// although pictures have any size, and it can estimate sizes that were never measured.
class LatencyTable {
  struct Curve;

 public:
  /// Adds a measurement: a batch of `count` tiles of `size` took `elapsed` on `device`.
  void record(const std::string& device, Size size, std::size_t count, Microseconds elapsed);

  /// The times of one size on one device, looked up once for any number of counts. Valid until the next `record`.
  class Times {
   public:
    /// The expected time of a batch of `count` tiles: linear between two measured counts, proportional beyond them. A
    /// size that was not measured is scaled by pixels from the nearest measured size, on any device if necessary.
    /// Nothing before the first measurement.
    [[nodiscard]] std::optional<Microseconds> estimate(std::size_t count) const;
    /// True when the estimates can be relied on: three batches of this size were measured on this device.
    [[nodiscard]] bool solid() const;
    /// True when this count was never measured, or not in the last 200 measurements of this size.
    [[nodiscard]] bool outdated(std::size_t count) const;

   private:
    friend class LatencyTable;
    const Curve* nearest_ = nullptr;  // the source of the estimates
    const Curve* own_ = nullptr;      // the measurements of this device and class of area
    double pixels_ = 0;
  };
  [[nodiscard]] Times times(const std::string& device, Size size) const;

  [[nodiscard]] std::optional<Microseconds> estimate(const std::string& device, Size size, std::size_t count) const {
    return times(device, size).estimate(count);
  }
  [[nodiscard]] bool solid(const std::string& device, Size size) const { return times(device, size).solid(); }
  [[nodiscard]] bool outdated(const std::string& device, Size size, std::size_t count) const {
    return times(device, size).outdated(count);
  }

 private:
  struct Entry {
    std::size_t count = 0;
    double us_per_pixel = 0;   // the time of the batch, for each pixel of one tile
    std::uint64_t number = 0;  // the number of the last measurement, counted for the whole curve
  };
  struct Curve {
    std::vector<Entry> entries;  // by count
    std::uint64_t measured = 0;

    /// The first entry with at least `count` tiles.
    [[nodiscard]] std::vector<Entry>::const_iterator from(std::size_t count) const;
    [[nodiscard]] double at(std::size_t count) const;
    void record(std::size_t count, double us_per_pixel);
  };
  using Curves = std::map<int, Curve>;  // by area class

  std::map<std::string, Curves> devices_;
};

}  // namespace inpaintd
