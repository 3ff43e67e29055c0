// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "actors/supervisor.h"
#include "config/config.h"

namespace inpaintd {

/// With numbers instead of the zeros that leave it to the machine: a quarter of the cores decode, as many encode, two
/// of each at least; and in flight are 256 requests at least, and four batches for each replica, so that a large
/// machine has enough to fill its batches from. The first version says in the log what it found.
Config sized(Config config);
Config sized(Config config, std::size_t replicas, int cores);

/// One slot per model replica: see wanted_devices() for what `auto` and `cuda` mean. A CUDA device counts
/// `gpu_replicas` times; the CPU `cpu_replicas` times, and those share the cores unless `threads_per_replica` says
/// otherwise. Neighbours are on different devices where there are several.
std::vector<DeviceSlot> device_slots(const Config& config);

}  // namespace inpaintd
