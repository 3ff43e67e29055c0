// SPDX-License-Identifier: Apache-2.0
#include "scheduling/memory_caps.h"

#include <algorithm>

#include "scheduling/area_class.h"

namespace inpaintd {

void MemoryCaps::out_of_memory(const std::string& device, Size size, std::size_t count) {
  Cap& cap = caps_[{device, area_class(size)}];
  cap.count = std::max<std::size_t>(1, count / 2);
  cap.patience = std::min(cap.patience * 2, patience_max);
  cap.worked = 0;
  cap.failed = cap.failed == 0 ? count : std::min(cap.failed, count);
}

void MemoryCaps::worked(const std::string& device, Size size, std::size_t count) {
  const auto found = caps_.find({device, area_class(size)});
  if (found == caps_.end()) return;
  Cap& cap = found->second;
  if (count < cap.count || ++cap.worked < cap.patience) return;
  ++cap.count;
  cap.worked = 0;
  // At twice the count that failed, the failure does not matter any more.
  if (cap.count > 2 * cap.failed) caps_.erase(found);
}

std::size_t MemoryCaps::cap(const std::string& device, Size size, std::size_t wanted) const {
  if (caps_.empty()) return wanted;
  const auto found = caps_.find({device, area_class(size)});
  return found == caps_.end() ? wanted : std::min(wanted, found->second.count);
}

}  // namespace inpaintd
