// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduling/latency_table.h"

namespace inpaintd {

/// Estimates when work will be done, given the work ahead of it: from the measured times, as if the devices shared the
/// work evenly and every batch had its best size. Pure.
///
/// The latency table is read once for each device name and class of area, whatever the number of replicas, sizes and
/// tiles, because sizes of one class differ only by their pixels.
class Forecast {
 public:
  struct Worker {
    std::string device;
    Microseconds busy{};  ///< the time until the running batch of the worker ends
  };
  Forecast(const LatencyTable& latencies, const std::vector<Worker>& workers, std::size_t batch_size_max);

  /// Adds work that is ahead: `tiles` tiles of `size`.
  void add_ahead(Size size, std::size_t tiles);

  /// The time until the devices have done all work that is ahead. Nothing without devices or measurements.
  [[nodiscard]] std::optional<Microseconds> until_free() const;
  /// The time until a request of `tiles` tiles of `size` is done, after all work that is ahead.
  [[nodiscard]] std::optional<Microseconds> until_done(Size size, std::size_t tiles) const;
  /// The time of one tile of `size` on the fastest device. Nothing unless the measurements of every device are solid.
  [[nodiscard]] std::optional<Microseconds> at_least(Size size) const;

 private:
  struct Device {
    std::string name;
    std::size_t replicas = 0;
  };
  struct Ahead {
    Size size;  // any size of the class
    double pixels = 0;
  };
  [[nodiscard]] std::optional<double> pixels_per_us(Size size) const;

  const LatencyTable& latencies_;
  const std::size_t batch_size_max_;
  std::vector<Device> devices_;
  Microseconds busy_{};  // all workers together
  std::size_t workers_ = 0;
  std::map<int, Ahead> ahead_;  // by class of area
};

}  // namespace inpaintd
