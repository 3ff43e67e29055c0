// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace inpaintd {

/// The size and the waiting time of batches.
struct BatchSettings {
  std::size_t size_max = 8;                     ///< tiles in one batch
  std::chrono::milliseconds wait_max{5};        ///< longest wait of the oldest tile of a queue for a fuller batch
  bool adaptive = true;                         ///< false: always `size_max`, always up to `wait_max`
  std::chrono::milliseconds latency_target{0};  ///< longest run time of a batch, where smaller batches meet it; 0: none

  friend bool operator==(const BatchSettings&, const BatchSettings&) = default;
};

struct DispatcherSettings : BatchSettings {
  std::chrono::milliseconds age_max{2000};  ///< tasks that waited longer may use every fourth batch
  int retries_max = 1;                      ///< further tries of a task after its device failed
  /// A batch may take ten times its expected time, and at least this time; afterwards its device counts as hung.
  std::chrono::milliseconds watchdog{30'000};

  friend bool operator==(const DispatcherSettings&, const DispatcherSettings&) = default;
};

}  // namespace inpaintd
