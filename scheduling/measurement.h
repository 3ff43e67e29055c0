// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/pixels.h"
#include "core/time.h"

namespace inpaintd {

/// The time of one batch: `count` tiles of `size` took `elapsed`. A count of 0 is no measurement.
struct Measurement {
  Size size;
  std::size_t count = 0;
  Microseconds elapsed{};
  bool whole = true;  ///< the batch succeeded in one run; false: parts were run again, or it prepared for later batches
  std::size_t out_of_memory_from = 0;  ///< the smallest count that did not fit in the device's memory, or 0
};

}  // namespace inpaintd
