// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/names.h"

/// NATS service discovery (ADR-32): the answers to `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` as JSON texts.
namespace inpaintd::discovery {

using Metadata = std::vector<std::pair<std::string, std::string>>;

/// A subject that the service listens to.
struct EndpointInfo {
  std::string name;
  std::string subject;
  std::string queue_group;
  Metadata metadata = {};
};

/// What does not change while the service runs.
struct ServiceInfo {
  std::string name;     ///< [a-zA-Z0-9_-]+
  std::string id;       ///< unique per instance
  std::string version;  ///< SemVer
  std::string description;
  Metadata metadata = {};
  std::vector<EndpointInfo> endpoints = {};
};

/// What one endpoint has done since the service started.
struct EndpointStats {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::string last_error;  ///< empty when there was none
  std::chrono::nanoseconds processing_time{};
  std::string data = "{}";  ///< a JSON text with what else the service reports
};

/// What a client may ask.
enum class Verb : std::uint8_t { ping, info, stats };

/// The three subjects of `verb`: for all services, for the services of this name, and for this instance. They are
/// subscribed to without a queue group, because every instance answers.
std::vector<std::string> subjects(Verb verb, const ServiceInfo& service);

/// The answer to PING.
std::string ping_json(const ServiceInfo& service);
/// The answer to INFO.
std::string info_json(const ServiceInfo& service);
/// The answer to STATS. `stats[i]` belongs to `service.endpoints[i]`; a missing one counts as zero.
std::string stats_json(const ServiceInfo& service, std::chrono::system_clock::time_point started,
                       std::span<const EndpointStats> stats);

}  // namespace inpaintd::discovery

template <>
struct inpaintd::EnumNames<inpaintd::discovery::Verb> {
  static constexpr std::array<std::string_view, 3> names{"PING", "INFO", "STATS"};
};
