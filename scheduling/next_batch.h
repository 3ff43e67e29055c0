// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/job.h"

namespace inpaintd {

/// 1..n tasks of one network size, for one device.
using Batch = std::shared_ptr<const std::vector<Task>>;

/// The batch that a device runs next: put there by the batcher while the device still works, so that it never waits
/// between two. Until the device takes it the batcher may take it back; one of the two gets it. Thread safe.
class NextBatch {
 public:
  /// There must be none.
  void put(Batch batch) {
    const std::lock_guard lock(mutex_);
    assert(!batch_);
    batch_ = std::move(batch);
  }
  /// Null when there is none, or the other side was faster.
  [[nodiscard]] Batch take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(batch_, nullptr);
  }

 private:
  std::mutex mutex_;
  Batch batch_;
};

}  // namespace inpaintd
