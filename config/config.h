// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bus/connection.h"
#include "bus/object_store.h"
#include "core/names.h"
#include "core/request.h"
#include "image/codec.h"
#include "image/geometry.h"
#include "models/engine_options.h"
#include "scheduling/dispatcher_settings.h"

namespace inpaintd {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };
template <>
struct EnumNames<LogLevel> {
  static constexpr std::array<std::string_view, 6> names{"trace", "debug", "info", "warn", "error", "off"};
};

enum class LogFormat : std::uint8_t { text, json };
template <>
struct EnumNames<LogFormat> {
  static constexpr std::array<std::string_view, 2> names{"text", "json"};
};

/// Whether a part of the service is used. `automatic`: where what the part needs is there.
enum class Availability : std::uint8_t { automatic, on, off };
template <>
struct EnumNames<Availability> {
  static constexpr std::array<std::string_view, 3> names{"auto", "on", "off"};
};

/// Every setting of the service. Sections extend the option structs of the libraries, whose initializers are the
/// defaults; key, range and help of each setting are in the table of settings.cpp. Empty strings mean "not used".
struct Config {
  /// The connection to NATS, and the subjects.
  struct Nats : ConnectionOptions {
    Nats() {
      name = "inpaint";            // also the name in NATS service discovery
      retry_first_connect = true;  // the service may start before its server
    }
    std::string prefix = "inpaint";       ///< services with the same prefix share their requests
    std::string queue_group = "inpaint";  ///< each queue group answers every request

    friend bool operator==(const Nats&, const Nats&) = default;
  };

  /// The number and the duration of the requests of one worker.
  struct Service {
    int ingress_threads = 0;                          ///< threads that decode; 0: by the number of cores
    int reply_threads = 0;                            ///< threads that encode; 0: by the number of cores
    std::chrono::milliseconds drain_timeout{30'000};  ///< afterwards, the remaining requests are refused
    std::chrono::milliseconds timeout_default = request_timeout_default;
    std::size_t in_flight_max = 0;              ///< further requests are refused; 0: by the number of replicas
    std::size_t in_flight_bytes_max = 1 << 30;  ///< messages, decoded pictures and masks, tiles

    friend bool operator==(const Service&, const Service&) = default;
  };

  /// Pictures in the object store of NATS.
  struct Objects : ObjectLimits {
    friend bool operator==(const Objects&, const Objects&) = default;
  };

  /// Durable jobs, which JetStream keeps.
  struct Jobs {
    Availability enabled = Availability::automatic;
    double share = 0.125;  ///< of service.in_flight_max: what jobs may hold; at least one
    int tries_max = 5;     ///< of one job that ends workers or devices; afterwards the job is dead

    friend bool operator==(const Jobs&, const Jobs&) = default;
  };

  /// The network and its devices. `device` is not used: see `devices`.
  struct Model : EngineOptions {
    std::vector<std::string> devices{"auto"};  ///< auto: every CUDA device, or the CPU where there is none
    int cpu_replicas = 1;                      ///< more replicas run more batches at a time with fewer cores each
    int gpu_replicas = 2;                      ///< 2: one batch is copied while the other computes; twice the memory

    friend bool operator==(const Model&, const Model&) = default;
  };

  struct Device {
    std::chrono::milliseconds warm_up{1000};  ///< approximate time of the measured batches at start; 0: none

    friend bool operator==(const Device&, const Device&) = default;
  };

  struct Image : ImageLimits, TilingLimits {
    friend bool operator==(const Image&, const Image&) = default;
  };

  /// Metrics and probes. They describe the machine and its traffic: consider this before you open them to others.
  struct Http {
    std::string listen = "127.0.0.1:9464";  ///< numeric HOST:PORT; empty: no HTTP server

    friend bool operator==(const Http&, const Http&) = default;
  };

  /// The caches. With and without them, every answer is the same.
  struct Cache {
    std::size_t bytes_max = 0;              ///< of results; useful where identical requests are repeated
    std::size_t mask_bytes_max = 64 << 20;  ///< of decoded and planned masks; useful where masks are repeated

    friend bool operator==(const Cache&, const Cache&) = default;
  };

  struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;

    friend bool operator==(const Log&, const Log&) = default;
  };

  Nats nats;
  Service service;
  Objects objects;
  Jobs jobs;
  Model model;
  DispatcherSettings batch;
  Device device;
  Image image;
  Http http;
  Cache cache;
  Log log;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace inpaintd
