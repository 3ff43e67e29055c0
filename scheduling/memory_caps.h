// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "core/pixels.h"

namespace inpaintd {

/// How many tiles of a size fit in a device's memory at once, learnt from the batches that did not. Sizes of one class
/// of area share a cap, so there are at most some fifty for each device, and what one size has shown the others need
/// not show again.
///
/// A batch that ran out of memory halves the cap of its size on its device. The cap grows by one after `patience_min`
/// batches at the cap, for memory may have been short for a while only; each time that this proves wrong the patience
/// doubles, up to `patience_max`.
class MemoryCaps {
 public:
  static constexpr int patience_min = 64;
  static constexpr int patience_max = 4096;

  void out_of_memory(const std::string& device, Size size, std::size_t count);
  void worked(const std::string& device, Size size, std::size_t count);
  /// At least 1, at most `wanted`.
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
