// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "monitoring/http_server.h"
#include "monitoring/monitor.h"

namespace inpaintd {

/// The HTTP routes of the service. `monitor` must outlive them.
///   /metrics  the metrics in Prometheus' text format
///   /healthz  200 while the process answers; a supervisor should restart the process when this probe fails
///   /readyz   200 if requests should be sent to this worker, else 503 with the reasons
std::vector<HttpRoute> http_routes(const Monitor& monitor);

}  // namespace inpaintd
