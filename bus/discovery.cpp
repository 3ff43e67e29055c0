// SPDX-License-Identifier: Apache-2.0
#include "bus/discovery.h"

#include <ctime>

#include "core/json.h"

namespace inpaintd::discovery {
namespace {

using json::Object;

std::string metadata_json(const Metadata& metadata) {
  Object object;
  for (const auto& [key, value] : metadata) object.text(key, value);
  return object.str();
}

Object head(const ServiceInfo& service, const std::string& kind) {
  Object object;
  object.text("type", "io.nats.micro.v1." + kind + "_response")
      .text("name", service.name)
      .text("id", service.id)
      .text("version", service.version)
      .raw("metadata", metadata_json(service.metadata));
  return object;
}

Object head(const EndpointInfo& endpoint) {
  Object object;
  object.text("name", endpoint.name).text("subject", endpoint.subject).text("queue_group", endpoint.queue_group);
  return object;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string endpoint_stats_json(const EndpointInfo& endpoint, const EndpointStats& stats) {
  const auto nanoseconds = static_cast<std::uint64_t>(stats.processing_time.count());
  return head(endpoint)
      .number("num_requests", stats.requests)
      .number("num_errors", stats.errors)
      .text("last_error", stats.last_error)
      .number("processing_time", nanoseconds)
      .number("average_processing_time", stats.requests == 0 ? 0 : nanoseconds / stats.requests)
      .raw("data", stats.data)
      .str();
}

}  // namespace

std::vector<std::string> subjects(Verb verb, const ServiceInfo& service) {
  const std::string all = "$SRV." + std::string(name(verb));
  return {all, all + "." + service.name, all + "." + service.name + "." + service.id};
}

std::string ping_json(const ServiceInfo& service) { return head(service, "ping").str(); }

std::string info_json(const ServiceInfo& service) {
  std::vector<std::string> endpoints;
  for (const auto& each : service.endpoints)
    endpoints.push_back(head(each).raw("metadata", metadata_json(each.metadata)).str());
  return head(service, "info").text("description", service.description).raw("endpoints", json::array(endpoints)).str();
}

std::string stats_json(const ServiceInfo& service, std::chrono::system_clock::time_point started,
                       std::span<const EndpointStats> stats) {
  std::vector<std::string> endpoints;
  for (std::size_t i = 0; i < service.endpoints.size(); ++i)
    endpoints.push_back(endpoint_stats_json(service.endpoints[i], i < stats.size() ? stats[i] : EndpointStats{}));
  return head(service, "stats").text("started", rfc3339(started)).raw("endpoints", json::array(endpoints)).str();
}

}  // namespace inpaintd::discovery
