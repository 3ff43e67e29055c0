// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <queue>
#include <vector>

#include "core/time.h"

namespace inpaintd::tools {

/// What the sending thread has to do later, and how many more requests a closed loop may send now (slots). Thread safe:
/// both threads add entries, and the sending thread takes them.
class Agenda {
 public:
  enum class What : std::uint8_t { retry, cancel };
  struct Entry {
    TimePoint due;
    std::size_t number = 0;  ///< number of the request in the ledger
    What what = What::retry;
  };

  /// Adds an entry and wakes the thread that waits.
  void add(const Entry& entry);
  /// Removes and returns the earliest entry that is due; nothing when none is due.
  std::optional<Entry> take(TimePoint now);

  /// Allows `count` more requests, and wakes the thread that waits.
  void add_slots(int count);
  /// Uses one slot; false when there is none.
  bool take_slot();

  /// Sleeps until `until`, until the next entry is due, or until an entry or a slot is added.
  void wait(TimePoint until);

 private:
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const { return a.due > b.due; }
  };

  std::mutex mutex_;
  std::condition_variable added_;
  std::priority_queue<Entry, std::vector<Entry>, Later> entries_;
  int slots_ = 0;
  bool changed_ = false;
};

}  // namespace inpaintd::tools
