// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "actors/messages.h"

namespace inpaintd {

/// The sizes and counts that a replica ran of late, the last of them first: for these it need not prepare anything.
class RecentShapes {
 public:
  void note(Size size, std::size_t count) {
    auto place = std::find(shapes_.begin(), shapes_.end(), std::pair(size, count));
    if (place == shapes_.end()) place = shapes_.emplace(place, size, count);
    std::rotate(shapes_.begin(), place, place + 1);
    if (shapes_.size() > kept_max) shapes_.pop_back();
  }
  [[nodiscard]] bool contains(Size size, std::size_t count) const {
    return std::find(shapes_.begin(), shapes_.end(), std::pair(size, count)) != shapes_.end();
  }

 private:
  static constexpr std::size_t kept_max = 32;
  std::vector<std::pair<Size, std::size_t>> shapes_;
};

/// One replica of a device, as the batcher sees it.
struct Lane {
  caf::actor device;
  Enlistment enlistment;
  int device_number = 0;    ///< the replicas of one device share it
  Batch running;            ///< null when it has nothing to do
  Batch next;               ///< in enlistment.next, unless it was taken this moment
  bool next_full = false;   ///< more tiles would not make `next` a better batch
  bool next_aged = false;   ///< `next` was made in the turn of those that waited long
  bool hung = false;        ///< did not come back in time, and has not since
  bool lost = false;        ///< its device is lost: it never gets anything again
  TimePoint since{};        ///< it was given the batch that it has to come back from
  Microseconds expected{};  ///< that batch's time; 0 when not known
  RecentShapes ran;

  [[nodiscard]] bool usable() const { return !hung && !lost; }
  [[nodiscard]] bool idle() const { return usable() && !running && !next; }
  [[nodiscard]] bool free() const { return usable() && !next; }
  [[nodiscard]] bool owes() const { return usable() && (running || next); }
  /// When it is expected to be done with what runs; in the past when it was done before.
  [[nodiscard]] TimePoint free_at() const { return since + expected; }
};

}  // namespace inpaintd
