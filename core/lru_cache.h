// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "core/fingerprint.h"

namespace inpaintd {

/// Values by the fingerprint of what they were made from, at most `bytes_max` of them; the ones that nobody has asked
/// for longest make room for new ones. With 0 bytes it keeps nothing. Thread safe.
template <class Value>
class LruCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  /// `looked_up` hears of each `find` whether it found something.
  explicit LruCache(std::size_t bytes_max, std::function<void(bool hit)> looked_up = {})
      : bytes_max_(bytes_max), looked_up_(std::move(looked_up)) {}

  /// The value, which now counts as just used; or null.
  [[nodiscard]] Pointer find(const Fingerprint& key) {
    if (bytes_max_ == 0) return nullptr;
    Pointer value = take_up(key);
    if (looked_up_) looked_up_(value != nullptr);
    return value;
  }

  /// Keeps `value`, which takes `bytes`, unless it alone is larger than the cache or the key is there already.
  void insert(const Fingerprint& key, Pointer value, std::size_t bytes) {
    if (bytes > bytes_max_ || bytes_max_ == 0) return;
    std::list<Entry> evicted;  // freed after the lock: large values take their time
    std::lock_guard lock(mutex_);
    if (places_.contains(key)) return;
    while (bytes_ + bytes > bytes_max_) {
      bytes_ -= entries_.back().bytes;
      places_.erase(entries_.back().key);
      evicted.splice(evicted.begin(), entries_, std::prev(entries_.end()));
    }
    std::list<Entry> added;  // kept only once it can be found: either insertion may fail for want of memory
    added.push_front({key, std::move(value), bytes});
    places_.emplace(key, added.begin());
    entries_.splice(entries_.begin(), added);
    bytes_ += bytes;
  }

  [[nodiscard]] std::size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    Fingerprint key;
    Pointer value;
    std::size_t bytes;
  };

  Pointer take_up(const Fingerprint& key) {
    std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  const std::size_t bytes_max_;
  const std::function<void(bool)> looked_up_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<Fingerprint, typename std::list<Entry>::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace inpaintd
