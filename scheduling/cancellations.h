// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/time.h"

namespace inpaintd {

/// The ids that clients have cancelled recently. Requests and cancels arrive by different subscriptions, so a cancel
/// may overtake its request; therefore the ids of new requests are looked up here. Bounded in count and in time. Thread
/// safe.
class Cancellations {
 public:
  static constexpr std::chrono::seconds kept_for{10};
  static constexpr std::size_t ids_max = 4096;  ///< the oldest id is dropped for a new one

  /// Remembers that `id` was cancelled at `now`.
  void add(const std::string& id, TimePoint now) {
    const std::lock_guard lock(mutex_);
    order_.emplace_back(now, id);
    latest_[id] = now;
    while (order_.size() > ids_max || now - order_.front().first >= kept_for) forget_oldest();
  }

  /// True when `id` was cancelled less than `kept_for` ago.
  [[nodiscard]] bool contains(const std::string& id, TimePoint now) const {
    const std::lock_guard lock(mutex_);
    const auto found = latest_.find(id);
    return found != latest_.end() && now - found->second < kept_for;
  }

 private:
  void forget_oldest() {
    const auto found = latest_.find(order_.front().second);
    if (found != latest_.end() && found->second == order_.front().first) latest_.erase(found);
    order_.pop_front();
  }

  mutable std::mutex mutex_;
  std::deque<std::pair<TimePoint, std::string>> order_;
  std::unordered_map<std::string, TimePoint> latest_;
};

}  // namespace inpaintd
