// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/error.h"

namespace inpaintd {

/// What the service counts since its start. Thread safe.
class Metrics {
 public:
  std::atomic<std::uint64_t> received{0};       ///< requests that reached this worker
  std::atomic<std::uint64_t> done{0};           ///< answered with a picture
  std::atomic<std::uint64_t> without_reply{0};  ///< dropped: they named no inbox to answer to
  std::atomic<std::uint64_t> undeliverable{0};  ///< answers that could not be published
  std::atomic<std::uint64_t> processing_us{0};  ///< sum of the requests' total times
  std::atomic<std::uint64_t> device_restarts{0};

  void count_failure(const Error& error) {
    ++failed_[static_cast<std::size_t>(error.code)];
    std::lock_guard lock(mutex_);
    last_error_ = std::to_string(info(error.code).number) + ":" + error.message;
  }

  [[nodiscard]] std::uint64_t failed(ErrorCode code) const { return failed_[static_cast<std::size_t>(code)]; }
  [[nodiscard]] std::uint64_t failed() const {
    std::uint64_t sum = 0;
    for (const auto& each : failed_) sum += each;
    return sum;
  }
  [[nodiscard]] std::string last_error() const {
    std::lock_guard lock(mutex_);
    return last_error_;
  }

 private:
  std::array<std::atomic<std::uint64_t>, error_table.size()> failed_{};
  mutable std::mutex mutex_;
  std::string last_error_;
};

}  // namespace inpaintd
