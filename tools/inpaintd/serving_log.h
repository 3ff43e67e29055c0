// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/time.h"

namespace inpaintd::tools {

/// Logs whether requests can reach the service: "serving ..." each time this becomes true, and otherwise a warning with
/// the reason, repeated every half minute.
class ServingLog {
 public:
  static constexpr std::chrono::seconds interval{30};

  struct Parts {
    std::string what;                                   ///< the subject and the instance, for people
    std::function<bool()> confirm;                      ///< whether the server has seen the subscriptions
    std::function<std::string()> reason;                ///< why there is no connection
    std::function<void(const std::string& line)> info;  ///< writes a line
    std::function<void(const std::string& line)> warn;
  };
  explicit ServingLog(Parts parts) : parts_(std::move(parts)) {}

  /// Checks the state; called repeatedly.
  void look(bool connected, TimePoint now);

 private:
  const Parts parts_;
  bool serving_ = false;
  std::optional<TimePoint> next_warning_;  ///< empty: the next warning is due at once
};

}  // namespace inpaintd::tools
