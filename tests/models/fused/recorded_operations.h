// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/fused/device_operations.h"

namespace inpaintd {

/// The calls of a Runner to its device, in order, and the results that the device returns.
struct DeviceLog {
  std::vector<std::string> calls;
  DeviceOperations::Memory memory{.total = 8000, .free = 8000};
  std::size_t bytes_per_capture = 100;
  bool works = true;
  bool ends_captures = true;  ///< including captures that failed
  std::string fails_at;       ///< the call that throws `error`
  std::string error;

  void note(const std::string& call);
  /// The calls since the last call of this function.
  std::vector<std::string> take() { return std::exchange(calls, {}); }
  [[nodiscard]] std::size_t count(const std::string& call) const;
};

/// A device that computes on the CPU; a recording repeats the work.
std::unique_ptr<DeviceOperations> recorded_operations(DeviceLog& log);

}  // namespace inpaintd
