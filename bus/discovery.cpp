// SPDX-License-Identifier: Apache-2.0
#include "bus/discovery.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace inpaintd::discovery {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Metadata& metadata) {
  Json object = Json::object();
  for (const auto& [key, value] : metadata) object[key] = value;
  return object;
}

/// The members that every answer begins with.
Json head_of(const ServiceInfo& service, std::string_view kind) {
  return {{"type", fmt::format("io.nats.micro.v1.{}_response", kind)},
          {"name", service.name},
          {"id", service.id},
          {"version", service.version},
          {"metadata", json_of(service.metadata)}};
}

Json head_of(const EndpointInfo& endpoint) {
  return {{"name", endpoint.name}, {"subject", endpoint.subject}, {"queue_group", endpoint.queue_group}};
}

Json json_of(const EndpointInfo& endpoint, const EndpointStats& stats) {
  const auto nanoseconds = static_cast<std::uint64_t>(stats.processing_time.count());
  Json object = head_of(endpoint);
  object["num_requests"] = stats.requests;
  object["num_errors"] = stats.errors;
  object["last_error"] = stats.last_error;
  object["processing_time"] = nanoseconds;
  object["average_processing_time"] = stats.requests == 0 ? 0 : nanoseconds / stats.requests;
  object["data"] = Json::parse(stats.data);
  return object;
}

/// U+FFFD replaces what is not UTF-8, such as a part of an error text that quotes a file.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::vector<std::string> subjects(Verb verb, const ServiceInfo& service) {
  const std::string all = fmt::format("$SRV.{}", name(verb));
  return {all, fmt::format("{}.{}", all, service.name), fmt::format("{}.{}.{}", all, service.name, service.id)};
}

std::string ping_json(const ServiceInfo& service) { return text_of(head_of(service, "ping")); }

std::string info_json(const ServiceInfo& service) {
  Json answer = head_of(service, "info");
  answer["description"] = service.description;
  Json& endpoints = answer["endpoints"] = Json::array();
  for (const auto& each : service.endpoints) {
    Json endpoint = head_of(each);
    endpoint["metadata"] = json_of(each.metadata);
    endpoints.push_back(std::move(endpoint));
  }
  return text_of(answer);
}

std::string stats_json(const ServiceInfo& service, std::chrono::system_clock::time_point started,
                       std::span<const EndpointStats> stats) {
  Json answer = head_of(service, "stats");
  answer["started"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(started)));
  Json& endpoints = answer["endpoints"] = Json::array();
  for (std::size_t i = 0; i < service.endpoints.size(); ++i)
    endpoints.push_back(json_of(service.endpoints[i], i < stats.size() ? stats[i] : EndpointStats{}));
  return text_of(answer);
}

}  // namespace inpaintd::discovery
