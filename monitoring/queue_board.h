// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include "core/pixels.h"
#include "core/request.h"

namespace inpaintd {

/// How many tiles wait for a device: written by the batcher, read by whoever is asked. Thread safe.
class QueueBoard {
 public:
  using Counts = std::map<std::pair<Size, Priority>, std::size_t>;

  void write(Counts counts) {
    std::lock_guard lock(mutex_);
    counts_ = std::move(counts);
  }
  [[nodiscard]] Counts read() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  Counts counts_;
};

}  // namespace inpaintd
