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

/// How long batches took, per device, size and count: exponentially decayed means of what was measured.
///
/// Sizes of nearly the same area (a factor of 1.4) share their measurements, scaled by pixels: pictures come in any
/// size, and the table stays small and is of use for a size that it never saw.
class LatencyTable {
  struct Curve;

 public:
  void record(const std::string& device, Size size, std::size_t count, Microseconds elapsed);

  /// The times of one size on one device, looked up once for any number of counts. Valid until the next `record`.
  class Times {
   public:
    /// Expected time of a batch of `count` tiles. Between two counts that were measured on a line from one to the
    /// other, beyond them in proportion. A size that was not measured is scaled by pixels from the nearest that was, on
    /// any device if need be; nothing before the first measurement.
    [[nodiscard]] std::optional<Microseconds> estimate(std::size_t count) const;
    /// True when the estimates can be relied on: three batches of this size were measured on this device.
    [[nodiscard]] bool solid() const;
    /// True when this very count was never measured, or so long ago that much may have changed.
    [[nodiscard]] bool outdated(std::size_t count) const;

   private:
    friend class LatencyTable;
    const Curve* nearest_ = nullptr;  // where estimates come from
    const Curve* own_ = nullptr;      // of this device and class of area
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
    double us_per_pixel = 0;   // of the batch's time, per pixel of one tile
    std::uint64_t number = 0;  // of its last measurement, among those of the curve
  };
  struct Curve {
    std::vector<Entry> entries;  // by count
    std::uint64_t measured = 0;

    /// The first entry of so many tiles, or more.
    [[nodiscard]] std::vector<Entry>::const_iterator from(std::size_t count) const;
    [[nodiscard]] double at(std::size_t count) const;
    void record(std::size_t count, double us_per_pixel);
  };
  using Curves = std::map<int, Curve>;  // by area class

  std::map<std::string, Curves> devices_;
};

}  // namespace inpaintd
