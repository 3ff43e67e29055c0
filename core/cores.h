// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd {

/// The number of cores that this process may use, at least 1. Respects the CPU affinity (taskset, cpusets of
/// containers), but no CPU quota.
int usable_cores();

}  // namespace inpaintd
