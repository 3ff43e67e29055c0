// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/temporary_directory.h"

namespace inpaintd::test {

/// Runs of the null engine that wait until `release` or the end of the object, so that a test sees requests in a known
/// state, however slow the machine is.
class HeldRuns {
 public:
  /// `which` is "1" for all runs, or such as "@2" for the second one.
  explicit HeldRuns(const std::string& which = "1") : fault_("hold:" + which + ":" + (directory_ / "held")) { hold(); }

  /// An entry of the setting model.null_faults.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  void hold() { (void)directory_.write("held", ""); }
  void release() { std::filesystem::remove(directory_ / "held"); }

 private:
  TemporaryDirectory directory_;
  std::string fault_;
};

}  // namespace inpaintd::test
