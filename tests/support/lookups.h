// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>

namespace inpaintd {

/// Counts the hits and misses that an LruCache reports to observer().
struct Lookups {
  std::atomic<int> hits{0};
  std::atomic<int> misses{0};

  std::function<void(bool)> observer() {
    return [this](bool hit) { ++(hit ? hits : misses); };
  }
};

}  // namespace inpaintd
