// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include "core/pixels.h"
#include "core/request.h"

namespace inpaintd {

/// The numbers of tiles that wait for a device, which the batcher writes and observers read. Thread safe.
class QueueBoard {
 public:
  /// Waiting tiles by network size and priority.
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
