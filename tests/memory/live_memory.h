// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace inpaintd::test {

/// Counts the memory that the program, with all its threads, has allocated since the object was made and not freed.
class LiveMemory {
 public:
  LiveMemory();

  /// The bytes at this moment; never less than 0, although memory from before may have been freed since.
  [[nodiscard]] std::size_t now() const;
  /// The largest number of bytes so far.
  [[nodiscard]] std::size_t peak() const;

 private:
  long start_;
};

}  // namespace inpaintd::test
