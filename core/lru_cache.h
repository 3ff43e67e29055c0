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

/// A cache of values by fingerprint, bounded by `bytes_max` bytes; 0 keeps nothing. The values that were not used for
/// the longest time are dropped for new ones. Thread safe.
template <class Value>
class LruCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  /// `looked_up` is called after each `find`, with true for a hit.
  explicit LruCache(std::size_t bytes_max, std::function<void(bool hit)> looked_up = {})
      : bytes_max_(bytes_max), looked_up_(std::move(looked_up)) {}

  /// The value of `key`, which then counts as just used; null if there is none.
  [[nodiscard]] Pointer find(const Fingerprint& key) {
    if (bytes_max_ == 0) return nullptr;
    Pointer value = touch(key);
    if (looked_up_) looked_up_(value != nullptr);
    return value;
  }

  /// Keeps `value`, which takes `bytes`, unless it is larger than the whole cache or the key has a value already.
  void insert(const Fingerprint& key, Pointer value, std::size_t bytes) {
    if (bytes > bytes_max_ || bytes_max_ == 0) return;
    std::list<Entry> evicted;  // freed after the lock is released, because freeing large values takes long
    std::lock_guard lock(mutex_);
    if (places_.contains(key)) return;
    while (bytes_ + bytes > bytes_max_) {
      bytes_ -= entries_.back().bytes;
      places_.erase(entries_.back().key);
      evicted.splice(evicted.begin(), entries_, std::prev(entries_.end()));
    }
    std::list<Entry> added;  // moved into `entries_` last: either insertion may fail if memory runs out
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

  Pointer touch(const Fingerprint& key) {
    std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  const std::size_t bytes_max_;
  const std::function<void(bool)> looked_up_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // in the order of use, the last used first
  std::unordered_map<Fingerprint, typename std::list<Entry>::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace inpaintd
