// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/job.h"

namespace inpaintd {

/// The share of the time that something was busy, where a moment counts the less the longer it is past: half after
/// `half_life`. Pure: time comes from the caller and does not run backwards.
class BusyShare {
 public:
  static constexpr std::chrono::seconds half_life{10};

  explicit BusyShare(TimePoint start) : at_(start) {}
  /// From the last call until `now` it was busy, or idle.
  void record(bool busy, TimePoint now);
  [[nodiscard]] double value() const { return share_; }

 private:
  TimePoint at_;
  double share_ = 0;
};

/// What one device slot has done since the start, and does now. Written by the thread of the device, read by whoever
/// is asked. Thread safe.
class DeviceLoad {
 public:
  struct Snapshot {
    std::uint64_t batches = 0;         ///< those of a failing batch that is halved count each
    std::uint64_t failed_batches = 0;  ///< of these
    std::uint64_t tiles = 0;
    std::size_t running_tiles = 0;  ///< 0 when idle
    std::chrono::duration<double> busy{};
    double busy_share = 0;  ///< lately
    /// Of batches that worked: a mean in which each counts for a tenth of what came before it; 0 before the first.
    std::chrono::duration<double> batch_latency{};

    [[nodiscard]] double batch_size_mean() const {
      return batches == 0 ? 0.0 : static_cast<double>(tiles) / static_cast<double>(batches);
    }
  };

  explicit DeviceLoad(TimePoint start) : share_(start), since_(start) {}

  void begin(std::size_t tiles, TimePoint now);
  void end(bool worked, TimePoint now);
  [[nodiscard]] Snapshot read(TimePoint now) const;

 private:
  mutable std::mutex mutex_;
  Snapshot past_;
  BusyShare share_;
  TimePoint since_;  ///< when it became busy, or idle
};

}  // namespace inpaintd
