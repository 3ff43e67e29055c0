// SPDX-License-Identifier: Apache-2.0
#include "monitoring/monitor.h"

#include <algorithm>
#include <utility>

#include "core/json.h"

namespace inpaintd {
namespace {

bool is_ready(const DeviceHealth& device) { return device.state == DeviceHealth::State::ready; }

std::string device_json(const DeviceHealth& device) {
  return json::Object()
      .text("device", device.name)
      .text("state", name(device.state))
      .text("model", device.model)
      .text("precision", device.precision)
      .text("way", device.way)
      .number("failures", static_cast<std::uint64_t>(device.failures))
      .text("last_error", device.last_error)
      .str();
}

}  // namespace

Readiness readiness(Phase phase, bool connected, const Health& devices, const std::string& restart_reason) {
  Readiness result;
  const auto object = [&](const std::string& reason) { result.reasons.push_back(reason); };
  if (phase == Phase::starting) object("the service is starting");
  if (phase == Phase::draining) object("the service is draining: it takes no new requests");
  if (!restart_reason.empty()) object("this process has to be started again: " + restart_reason);
  if (!connected) object("there is no connection to NATS");
  if (std::none_of(devices.begin(), devices.end(), is_ready)) {
    object("no device is ready");
    for (const DeviceHealth& device : devices)
      if (!device.last_error.empty()) object(device.name + ": " + device.last_error);
  }
  result.ready = result.reasons.empty();
  return result;
}

Readiness Monitor::readiness() const {
  return inpaintd::readiness(phase_, parts_.connection->connected(), parts_.devices->read(),
                             parts_.devices->restart_reason());
}

std::string Monitor::readiness_json(const Readiness& now) const {
  std::vector<std::string> reasons, devices;
  for (const auto& each : now.reasons) reasons.push_back(json::quoted(each));
  for (const auto& each : parts_.devices->read()) devices.push_back(device_json(each));
  return json::Object()
      .flag("ready", now.ready)
      .raw("reasons", json::array(reasons))
      .raw("devices", json::array(devices))
      .str();
}

std::string Monitor::alive_json() const {
  return json::Object().text("id", parts_.id).text("version", parts_.version).text("phase", name(phase_.load())).str();
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
  std::vector<std::string> devices;
  for (std::size_t slot = 0; slot < health.size(); ++slot) {
    const auto load = parts_.loads.at(slot)->read(now);
    devices.push_back(json::Object()
                          .number("slot", slot)
                          .text("device", health[slot].name)
                          .text("state", name(health[slot].state))
                          .text("model", health[slot].model)
                          .number("in_flight", load.running_tiles)
                          .real("busy", load.busy_share)
                          .number("batches", load.batches)
                          .real("batch_size_mean", load.batch_size_mean())
                          .real("batch_ms", load.batch_latency.count() * 1000)
                          .str());
  }
  std::map<Size, std::size_t> waiting;
  for (const auto& [key, tiles] : parts_.queues->read()) waiting[key.first] += tiles;
  std::vector<std::string> queues;
  for (const auto& [size, tiles] : waiting)
    queues.push_back(json::Object()
                         .number("width", static_cast<std::uint64_t>(size.width))
                         .number("height", static_cast<std::uint64_t>(size.height))
                         .number("tiles", tiles)
                         .str());
  return json::Object()
      .flag("ready", inpaintd::readiness(phase_, true, health, parts_.devices->restart_reason()).ready)
      .number("requests_in_flight", parts_.admission->requests())
      .number("bytes_in_flight", parts_.admission->bytes())
      .raw("queues", json::array(queues))
      .raw("devices", json::array(devices))
      .str();
}

}  // namespace inpaintd
