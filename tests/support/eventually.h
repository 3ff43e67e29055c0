// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>

namespace inpaintd::test {

/// The time that a test waits for a condition. It is long enough for any load of the machine, and only a failure waits
/// for all of it.
inline constexpr std::chrono::minutes long_enough{10};

/// Waits until `condition()` is true. Returns false when it is still false after `limit`.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = long_enough) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace inpaintd::test
