// SPDX-License-Identifier: Apache-2.0
#include "models/fused/device_share.h"

#include <map>

namespace inpaintd {

std::mutex DeviceShare::process_;

std::shared_ptr<DeviceShare> share_of(c10::Device device) {
  if (device.is_cpu()) return std::make_shared<DeviceShare>();
  static std::mutex mutex;
  static std::map<int, std::shared_ptr<DeviceShare>> shares;  // by device index; kept until the process ends
  const std::lock_guard lock(mutex);
  auto& share = shares[device.index()];
  if (!share) share = std::make_shared<DeviceShare>();
  return share;
}

}  // namespace inpaintd
