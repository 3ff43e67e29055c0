// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/fused/device_operations.h"

namespace inpaintd {

/// What a Runner asked of its device, in order, and what the device is to answer.
struct DeviceLog {
  std::vector<std::string> calls;
  DeviceOperations::Memory memory{.total = 8000, .free = 8000};
  std::size_t bytes_per_capture = 100;
  bool works = true;
  bool ends_captures = true;  ///< also those of which something failed
  std::string fails_at;       ///< the call that throws `error`
  std::string error;

  void note(const std::string& call);
  /// The calls since the last time.
  std::vector<std::string> take() { return std::exchange(calls, {}); }
  [[nodiscard]] std::size_t count(const std::string& call) const;
};

/// A device of one's own that computes on the CPU: a recording does the work again.
std::unique_ptr<DeviceOperations> recorded_operations(DeviceLog& log);

}  // namespace inpaintd
