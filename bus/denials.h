// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "bus/connection.h"

namespace inpaintd {

/// Reads the server's text about a permission violation, such as
/// `Permissions Violation for Publish to "subject"`; nothing when the text is another one.
std::optional<Denial> parse_denial(std::string_view text);

/// Passes denials on to all that watch for them. Thread safe.
class Denials {
 public:
  using Watcher = std::function<void(const Denial&)>;

  /// `watcher` is called until the returned object ends, and perhaps once more at that moment.
  [[nodiscard]] std::shared_ptr<void> watch(Watcher watcher);
  void tell(const Denial& denial);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Watcher>> watchers_;
};

}  // namespace inpaintd
