// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/patience.h"

#include <algorithm>

#include "tools/shared/interrupt.h"

namespace inpaintd::tools {

bool Patience::wait(std::uint64_t reconnects) {
  constexpr std::chrono::milliseconds look_again{250};
  constexpr std::chrono::seconds settling{30};  // a large stream is read from the disk when a server starts
  if (!connection_.connected() || connection_.statistics().reconnects != reconnects) settled_ = Clock::now() + settling;
  while (!connection_.closed() && Clock::now() < std::min(settled_, deadline_)) {
    if (!pause(look_again, stop_)) return false;
    if (connection_.connected()) return true;
    settled_ = Clock::now() + settling;
  }
  return false;
}

}  // namespace inpaintd::tools
