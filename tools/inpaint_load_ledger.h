// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "bus/wire.h"
#include "tools/inpaint_load_report.h"

namespace inpaintd::tools {

/// Every request of a run and what became of it; numbers them from 0. Thread safe.
class Ledger {
 public:
  /// Opens the record of the next request, which is due at `scheduled` and leaves at `sent`.
  void open(Microseconds scheduled, Microseconds sent);

  /// Enters a final message, or an end that came without one. True for the first one of the request; later ones are
  /// counted as duplicates. Unknown numbers are nobody's: false.
  bool settle(std::size_t number, Microseconds now, const wire::Done& done);
  bool settle(std::size_t number, Microseconds now, std::string_view code);

  /// How many requests that left at or before `sent_before` wait for their answer.
  [[nodiscard]] std::size_t waiting(Microseconds sent_before) const;

  [[nodiscard]] std::vector<Record> records() const;

 private:
  Record* first_answer(std::size_t number, Microseconds now);

  mutable std::mutex mutex_;
  std::deque<Record> records_;
  mutable std::size_t settled_ = 0;  // every record before this one has its answer
};

}  // namespace inpaintd::tools
