// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduling/latency_table.h"

namespace inpaintd {

/// When something will be done, given what is ahead of it: from the measured times, as if the devices shared the work
/// evenly and every batch had its best size. Pure.
///
/// It asks the latency table once for each device name and class of area, however many replicas, sizes and tiles there
/// are: sizes of one class differ by their pixels only.
class Forecast {
 public:
  struct Worker {
    std::string device;
    Microseconds busy{};  ///< with what it has already
  };
  Forecast(const LatencyTable& latencies, const std::vector<Worker>& workers, std::size_t batch_size_max);

  /// So many tiles of `size` go first.
  void add_ahead(Size size, std::size_t tiles);

  /// Until the devices have done all that is ahead. Nothing without devices or measurements.
  [[nodiscard]] std::optional<Microseconds> until_free() const;
  /// Until a request of so many tiles is done after all that.
  [[nodiscard]] std::optional<Microseconds> until_done(Size size, std::size_t tiles) const;
  /// What a tile of `size` takes alone, on the fastest device. Nothing unless that is solid on every device.
  [[nodiscard]] std::optional<Microseconds> at_least(Size size) const;

 private:
  struct Device {
    std::string name;
    std::size_t replicas = 0;
  };
  struct Ahead {
    Size size;  // any of the class
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
