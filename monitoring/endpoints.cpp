// SPDX-License-Identifier: Apache-2.0
#include "monitoring/endpoints.h"

namespace inpaintd {
namespace {

HttpReply as_json(int status, const std::string& json) {
  return HttpReply::of(status, "application/json", json + "\n");
}

HttpReply readyz(const Monitor& monitor) {
  const Readiness now = monitor.readiness();
  return as_json(now.ready ? 200 : 503, monitor.readiness_json(now));
}

}  // namespace

std::vector<Probe> probes(const Monitor& monitor) {
  return {
      {"/metrics", [&] { return HttpReply::of(200, "text/plain; version=0.0.4", monitor.metrics_text()); }},
      {"/healthz", [&] { return as_json(200, monitor.alive_json()); }},
      {"/readyz", [&] { return readyz(monitor); }},
  };
}

}  // namespace inpaintd
