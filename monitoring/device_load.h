// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/time.h"

namespace inpaintd {

/// The share of the time in which something was busy, with exponentially decreasing weight of the past: a moment counts
/// half after `half_life`. The caller passes the time, which must not decrease.
class BusyShare {
 public:
  static constexpr std::chrono::seconds half_life{10};

  explicit BusyShare(TimePoint start) : at_(start) {}
  /// Records that the time from the last call until `now` was busy, or idle.
  void record(bool busy, TimePoint now);
  /// The share at the last call of record(), 0..1.
  [[nodiscard]] double value() const { return share_; }

 private:
  TimePoint at_;
  double share_ = 0;
};

/// The work that one device slot has done since the start, and the batch that runs now. The thread of the device writes
/// it, and observers read it. Thread safe.
class DeviceLoad {
 public:
  /// The load at one moment.
  struct Snapshot {
    std::uint64_t batches = 0;         ///< completed; the halves of a batch that failed count one each
    std::uint64_t failed_batches = 0;  ///< the failed ones among `batches`
    std::uint64_t tiles = 0;
    std::size_t running_tiles = 0;  ///< 0 when idle
    std::chrono::duration<double> busy{};
    double busy_share = 0;  ///< BusyShare::value()
    /// The exponential moving average over successful batches, with weight 1/10 for the newest; 0 before the first.
    std::chrono::duration<double> batch_latency{};

    /// Tiles per batch; 0 before the first batch.
    [[nodiscard]] double batch_size_mean() const {
      return batches == 0 ? 0.0 : static_cast<double>(tiles) / static_cast<double>(batches);
    }
  };

  explicit DeviceLoad(TimePoint start) : share_(start), since_(start) {}

  /// A batch of `tiles` > 0 tiles starts. It replaces a batch that still runs, whose engine was abandoned.
  void begin(std::size_t tiles, TimePoint now);
  /// The batch that runs ends, with success or not. Without a running batch the call has no effect.
  void end(bool succeeded, TimePoint now);
  [[nodiscard]] Snapshot read(TimePoint now) const;

 private:
  mutable std::mutex mutex_;
  Snapshot past_;
  BusyShare share_;
  TimePoint since_;  ///< start of the running batch, or end of the last one
};

}  // namespace inpaintd
