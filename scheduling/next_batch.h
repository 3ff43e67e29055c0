// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <mutex>
#include <utility>

#include "scheduling/task.h"

namespace inpaintd {

/// Holds the batch that a device runs next. The batcher puts it there while the device still works, so that the device
/// does not wait between two batches. Until the device takes the batch, the batcher may take it back; exactly one of
/// the two gets it. Thread safe.
class NextBatch {
 public:
  /// Puts `batch` there; no other batch may be there.
  void put(Batch batch) {
    const std::lock_guard lock(mutex_);
    assert(!batch_);
    batch_ = std::move(batch);
  }
  /// Takes the batch out. Null when there is none, or when the other side was faster.
  [[nodiscard]] Batch take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(batch_, nullptr);
  }

 private:
  std::mutex mutex_;
  Batch batch_;
};

}  // namespace inpaintd
