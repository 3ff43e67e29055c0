// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace inpaintd::test {

/// Counts what the program, with all its threads, has allocated since this object was made and not freed yet.
class LiveMemory {
 public:
  LiveMemory();

  /// Bytes. Never less than 0, though what was allocated before may have been freed since.
  [[nodiscard]] std::size_t now() const;
  /// The most that it ever was.
  [[nodiscard]] std::size_t peak() const;

 private:
  long start_;
};

}  // namespace inpaintd::test
