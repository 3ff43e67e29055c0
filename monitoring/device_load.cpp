// SPDX-License-Identifier: Apache-2.0
#include "monitoring/device_load.h"

#include <cmath>

namespace inpaintd {

void BusyShare::record(bool busy, TimePoint now) {
  const double age = std::chrono::duration<double>(now - at_) / half_life;
  const double kept = std::exp2(-age);
  share_ = share_ * kept + (busy ? 1 - kept : 0);
  at_ = now;
}

void DeviceLoad::begin(std::size_t tiles, TimePoint now) {
  std::lock_guard lock(mutex_);
  share_.record(past_.running_tiles > 0, now);  // a batch still runs if a hung engine was abandoned
  past_.running_tiles = tiles;
  since_ = now;
}

void DeviceLoad::end(bool succeeded, TimePoint now) {
  std::lock_guard lock(mutex_);
  if (past_.running_tiles == 0) return;  // an abandoned engine has returned after all
  share_.record(true, now);
  const std::chrono::duration<double> elapsed = now - since_;
  past_.busy += elapsed;
  past_.tiles += past_.running_tiles;
  past_.running_tiles = 0;
  ++past_.batches;
  if (!succeeded) ++past_.failed_batches;
  if (succeeded && past_.batch_latency.count() == 0) past_.batch_latency = elapsed;
  if (succeeded) past_.batch_latency += (elapsed - past_.batch_latency) / 10;
  since_ = now;
}

DeviceLoad::Snapshot DeviceLoad::read(TimePoint now) const {
  std::lock_guard lock(mutex_);
  Snapshot snapshot = past_;
  const bool running = past_.running_tiles > 0;
  BusyShare share = share_;
  share.record(running, now);
  snapshot.busy_share = share.value();
  if (running) snapshot.busy += now - since_;
  return snapshot;
}

}  // namespace inpaintd
