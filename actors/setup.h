// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "actors/batcher.h"
#include "actors/ingress.h"
#include "actors/reuse.h"
#include "actors/supervisor.h"
#include "bus/connection.h"
#include "config/config.h"

/// From the configuration to what each part of the service wants to know.
namespace inpaintd {

ConnectionOptions connection_options(const Config& config);
IngressSettings ingress_settings(const Config& config);
BatcherSettings batcher_settings(const Config& config);
WarmUpSettings warm_up_settings(const Config& config);
ReuseSettings reuse_settings(const Config& config);

/// One slot per model replica: see wanted_devices() for what `auto` and `cuda` mean. A CUDA device counts
/// `gpu_replicas` times; the CPU `cpu_replicas` times, and those share the cores unless `threads_per_replica` says
/// otherwise.
std::vector<DeviceSlot> device_slots(const Config& config);

}  // namespace inpaintd
