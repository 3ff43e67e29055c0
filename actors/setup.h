// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "actors/supervisor.h"
#include "config/config.h"
#include "core/result.h"

namespace inpaintd {

/// Returns `config` with the zeros replaced by numbers that suit the machine: a quarter of the cores decode and as many
/// encode, at least two threads each; and at least 256 requests are in flight, or four batches for each replica, so
/// that a large machine can fill its batches. The first version also logs the numbers.
Config sized(Config config);
Config sized(Config config, std::size_t replicas, int cores);

/// Returns `config` for the network of its model: with what the planner needs to know of the network, and with the
/// network's own window sides if the settings have none. A model file that cannot be read is no error here; the devices
/// tell it. Errors: bad_request for window sides that the network cannot be run at.
Result<Config> for_network(Config config);

/// One slot for each model replica. wanted_devices() says what `auto` and `cuda` mean. A CUDA device has `gpu_replicas`
/// replicas. The CPU has `cpu_replicas` replicas, which share the cores unless `threads_per_replica` is set.
/// Neighbouring slots are on different devices if there are several devices.
std::vector<DeviceSlot> device_slots(const Config& config);

}  // namespace inpaintd
