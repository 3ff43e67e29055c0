// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/latency_table.h"

namespace inpaintd {

/// When something will be done, given what is ahead of it: from the measured times, as if the devices shared the work
/// evenly and every batch had its best size. Pure.
class Forecast {
 public:
  struct Worker {
    std::string device;
    Microseconds busy{};  ///< with what it has already
  };
  Forecast(const LatencyTable& latencies, std::vector<Worker> workers, std::size_t batch_size_max);

  /// So many tiles of `size` go first.
  void add_ahead(Size size, std::size_t tiles);

  /// Until the devices have done all that is ahead. Nothing without devices or measurements.
  [[nodiscard]] std::optional<Microseconds> until_free() const;
  /// Until a request of so many tiles is done after all that.
  [[nodiscard]] std::optional<Microseconds> until_done(Size size, std::size_t tiles) const;
  /// What a tile of `size` takes alone, on the fastest device. Nothing unless that is solid on every device.
  [[nodiscard]] std::optional<Microseconds> at_least(Size size) const;

 private:
  [[nodiscard]] std::optional<double> tiles_per_us(Size size) const;

  const LatencyTable& latencies_;
  const std::vector<Worker> workers_;
  const std::size_t batch_size_max_;
  std::map<Size, std::size_t> ahead_;
};

}  // namespace inpaintd
