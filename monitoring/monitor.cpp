// SPDX-License-Identifier: Apache-2.0
#include "monitoring/monitor.h"

#include <algorithm>
#include <utility>

#include "monitoring/json_text.h"

namespace inpaintd {
namespace {

using Json = nlohmann::ordered_json;

bool is_ready(const DeviceHealth& device) { return device.state == DeviceHealth::State::ready; }

Json device_json(const DeviceHealth& device) {
  return {{"device", device.name},          {"state", name(device.state)}, {"model", device.model},
          {"precision", device.precision},  {"way", device.way},           {"failures", device.failures},
          {"last_error", device.last_error}};
}

}  // namespace

Readiness readiness(Phase phase, bool connected, const Health& devices, const std::string& restart_reason) {
  Readiness result;
  const auto add_reason = [&](const std::string& reason) { result.reasons.push_back(reason); };
  if (phase == Phase::starting) add_reason("the service is starting");
  if (phase == Phase::draining) add_reason("the service is draining: it accepts no new requests");
  if (!restart_reason.empty()) add_reason("this process must be restarted: " + restart_reason);
  if (!connected) add_reason("there is no connection to NATS");
  if (std::none_of(devices.begin(), devices.end(), is_ready)) {
    add_reason("no device is ready");
    for (const DeviceHealth& device : devices)
      if (!device.last_error.empty()) add_reason(device.name + ": " + device.last_error);
  }
  result.ready = result.reasons.empty();
  return result;
}

Readiness Monitor::readiness() const {
  return inpaintd::readiness(phase_, parts_.connection->connected(), parts_.devices->read(),
                             parts_.devices->restart_reason());
}

std::string Monitor::readiness_json(const Readiness& now) const {
  Json devices = Json::array();
  for (const auto& each : parts_.devices->read()) devices.push_back(device_json(each));
  return json_text({{"ready", now.ready}, {"reasons", now.reasons}, {"devices", std::move(devices)}});
}

std::string Monitor::alive_json() const {
  return json_text({{"id", parts_.id}, {"version", parts_.version}, {"phase", name(phase_.load())}});
}

discovery::EndpointStats Monitor::endpoint_stats() const {
  const Metrics& metrics = *parts_.metrics;
  const auto time = std::chrono::duration<double>(metrics.request_time.sum());
  return {metrics.received, metrics.failed(), metrics.last_error(),
          std::chrono::duration_cast<std::chrono::nanoseconds>(time), load_json()};
}

std::string Monitor::load_json() const {
  const TimePoint now = Clock::now();
  const Health health = parts_.devices->read();
  Json devices = Json::array();
  for (std::size_t slot = 0; slot < health.size(); ++slot) {
    const auto load = parts_.loads.at(slot)->read(now);
    devices.push_back({{"slot", slot},
                       {"device", health[slot].name},
                       {"state", name(health[slot].state)},
                       {"model", health[slot].model},
                       {"in_flight", load.running_tiles},
                       {"busy", load.busy_share},
                       {"batches", load.batches},
                       {"batch_size_mean", load.batch_size_mean()},
                       {"batch_ms", load.batch_latency.count() * 1000}});
  }
  std::map<Size, std::size_t> waiting;
  for (const auto& [key, tiles] : parts_.queues->read()) waiting[key.first] += tiles;
  Json queues = Json::array();
  for (const auto& [size, tiles] : waiting)
    queues.push_back({{"width", size.width}, {"height", size.height}, {"tiles", tiles}});
  return json_text({{"ready", inpaintd::readiness(phase_, true, health, parts_.devices->restart_reason()).ready},
                    {"requests_in_flight", parts_.admission->requests()},
                    {"bytes_in_flight", parts_.admission->bytes()},
                    {"queues", std::move(queues)},
                    {"devices", std::move(devices)}});
}

}  // namespace inpaintd
