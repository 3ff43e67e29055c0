// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "monitoring/http_server.h"
#include "monitoring/monitor.h"

namespace inpaintd {

/// What the service answers over HTTP. `monitor` must outlive the routes.
///   /metrics  Prometheus' text format
///   /healthz  200 while the process answers at all: a probe that fails asks for a restart
///   /readyz   200 when requests should come here, else 503 with the reasons
std::vector<HttpRoute> http_routes(const Monitor& monitor);

}  // namespace inpaintd
