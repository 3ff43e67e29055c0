// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "core/pixels.h"

namespace inpaintd {

/// How many tiles of a size fit in the memory of a device, learnt from batches that did not fit. Sizes of one class of
/// area share a cap, so there are at most about fifty caps for each device.
///
/// A batch that runs out of memory halves the cap of its size on its device. The cap grows by one after `patience_min`
/// batches at the cap, because memory may have been short for a while only. Each further failure doubles the number of
/// batches that the cap waits for, up to `patience_max`.
class MemoryCaps {
 public:
  static constexpr int patience_min = 64;
  static constexpr int patience_max = 4096;

  /// Notes that a batch of `count` tiles did not fit.
  void out_of_memory(const std::string& device, Size size, std::size_t count);
  /// Notes that a batch of `count` tiles fitted.
  void worked(const std::string& device, Size size, std::size_t count);
  /// The number of tiles to put into a batch, if `wanted` tiles are wanted; at least 1.
  [[nodiscard]] std::size_t cap(const std::string& device, Size size, std::size_t wanted) const;

 private:
  struct Cap {
    std::size_t count = 0;
    int patience = patience_min / 2;
    int worked = 0;
    std::size_t failed = 0;  // the smallest count that did not fit
  };
  std::map<std::pair<std::string, int>, Cap> caps_;  // by device and area class
};

}  // namespace inpaintd
