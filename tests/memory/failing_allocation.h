// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <optional>

namespace inpaintd::test {

/// Lets chosen allocations of the calling thread fail. The malloc family of this program, operator new in all its forms
/// and mmap ask this object. Without the object no allocation fails, and other threads are never affected.
class FailingAllocation {
 public:
  enum class How {
    once,     ///< a passing shortage: the next allocation works again
    onwards,  ///< a lasting shortage: all later ones fail, too
  };

  /// Lets allocation `number` fail, counted from 0 and from now, and with `onwards` every later one as well.
  FailingAllocation(int number, How how);
  /// Ends the failures.
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether an allocation has failed.
  [[nodiscard]] bool happened() const;
};

/// Calls `work()` with allocation 0 failing, then with allocation 1, and so on until no allocation is left to fail, in
/// both ways. Passes each result to `check(result, whether an allocation failed)`. Returns the number of calls of
/// `work`.
template <class Work, class Check>
int for_every_allocation(const Work& work, const Check& check) {
  int calls = 0;
  for (const auto how : {FailingAllocation::How::once, FailingAllocation::How::onwards})
    for (int number = 0;; ++number) {
      std::optional<decltype(work())> result;
      bool happened = false;
      {
        const FailingAllocation failing(number, how);
        result.emplace(work());
        happened = failing.happened();
      }
      ++calls;
      CAPTURE(number);
      CAPTURE(static_cast<int>(how));
      check(*result, happened);
      if (!happened) break;
    }
  return calls;
}

}  // namespace inpaintd::test
