// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>

namespace inpaintd {

/// Counts what an LruCache reports.
struct Lookups {
  std::atomic<int> hits{0};
  std::atomic<int> misses{0};

  std::function<void(bool)> observer() {
    return [this](bool hit) { ++(hit ? hits : misses); };
  }
};

}  // namespace inpaintd
