// SPDX-License-Identifier: Apache-2.0
#include "core/cores.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace inpaintd {

int usable_cores() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  // The call fails on machines with more cores than a cpu_set_t has bits.
  if (sched_getaffinity(0, sizeof usable, &usable) != 0)
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::max(1, CPU_COUNT(&usable));
}

}  // namespace inpaintd
