// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <queue>
#include <vector>

#include "core/job.h"

namespace inpaintd::tools {

/// What the sending thread has to do later, and how many more requests a closed loop may send now. Filled by the
/// receiving thread, worked off by the sending one.
class Agenda {
 public:
  enum class What : std::uint8_t { retry, cancel };
  struct Entry {
    TimePoint due;
    std::size_t number = 0;  ///< of the request
    What what = What::retry;
  };

  void add(const Entry& entry);
  /// The earliest entry that is due; nothing when none is.
  std::optional<Entry> take(TimePoint now);

  void add_slots(int count);
  bool take_slot();

  /// Sleeps until `until`, the next entry is due, or something is added.
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
