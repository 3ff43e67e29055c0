// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "monitoring/monitor.h"
#include "monitoring/probe_server.h"

namespace inpaintd {

/// The paths that a worker serves over HTTP. `monitor` must outlive them.
///   /metrics  the metrics in Prometheus' text format
///   /healthz  200 while the process answers; a supervisor should restart the process when this probe fails
///   /readyz   200 if requests should be sent to this worker, else 503 with the reasons
std::vector<Probe> probes(const Monitor& monitor);

}  // namespace inpaintd
