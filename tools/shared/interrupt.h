// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd::tools {

/// After construction, the first SIGINT (Ctrl-C) or SIGTERM sets a flag, which loops poll with requested(). The second
/// signal of the same kind ends the process at once.
class Interrupt {
 public:
  Interrupt();
  [[nodiscard]] bool requested() const;
};

}  // namespace inpaintd::tools
