// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>

namespace inpaintd::test {

/// How long a test waits for what must happen. Only a failure waits it out, and no load of the machine takes so long.
inline constexpr std::chrono::minutes long_enough{2};

/// Waits until `condition` holds; false when it still does not after `limit`.
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
