// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <optional>

namespace inpaintd::test {

/// Which allocations of the calling thread fail: the program's own malloc family, operator new in all its forms and
/// mmap ask here. Nothing fails unless a test says so, and other threads are never touched.
class FailingAllocation {
 public:
  enum class How {
    once,     ///< a passing shortage: the next allocation works again
    onwards,  ///< a lasting shortage: all later ones fail, too
  };

  /// From now on allocation `number` fails, counted from 0, and with `onwards` every later one as well.
  FailingAllocation(int number, How how);
  /// Nothing fails any more.
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether any allocation was refused.
  [[nodiscard]] bool happened() const;
};

/// Calls `work()` with allocation 0 failing, then with allocation 1, and so on until it needs no more of them, in both
/// ways; hands each result to `check(result, whether an allocation failed)`. Returns how often `work` was called.
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
