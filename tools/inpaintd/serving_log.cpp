// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaintd/serving_log.h"

#include <fmt/format.h>

#include <utility>

namespace inpaintd::tools {

void ServingLog::look(bool connected, TimePoint now) {
  if (connected && (serving_ || parts_.confirm())) {
    if (!std::exchange(serving_, true)) parts_.info(fmt::format("serving {}", parts_.what));
    next_warning_.reset();
    return;
  }
  serving_ = false;
  if (next_warning_ && now < *next_warning_) return;
  next_warning_ = now + interval;
  parts_.warn(fmt::format("no request can arrive, because the NATS server is not connected: {}", parts_.reason()));
}

}  // namespace inpaintd::tools
