// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace inpaintd {

/// Every setting of the service. The initializer is the default; key, range and help are in the table of settings.cpp.
/// Empty strings mean "not used".
struct Config {
  /// How to reach NATS, and under which subjects. The same names as bus/connection.h.
  struct Nats {
    std::string url = "nats://127.0.0.1:4222";  ///< several, separated by commas: a cluster
    std::string user;
    std::string password;  ///< secret: never printed
    std::string token;     ///< secret: never printed
    std::string nkey_seed_file;
    std::string credentials_file;
    std::string tls_ca_file;
    std::string tls_cert_file;
    std::string tls_key_file;
    bool tls = false;
    std::string inbox_prefix;                          ///< instead of _INBOX
    std::chrono::milliseconds connect_timeout{10000};  ///< for each server of the list
    bool retry_first_connect = true;                   ///< a server that starts after us is no reason to die
    std::int64_t reconnect_buffer_bytes = 8 << 20;     ///< answers kept while disconnected; more are lost
    int pending_max = 4096;                            ///< requests between the socket and admission; more are lost
    std::string prefix = "inpaint";                    ///< two services with one prefix share their work
    std::string queue_group = "inpaint";               ///< two groups would each answer every request

    friend bool operator==(const Nats&, const Nats&) = default;
  };

  /// What one worker takes on, and for how long.
  struct Service {
    std::string name = "inpaint";                       ///< in NATS service discovery and in the server's monitoring
    int ingress_threads = 0;                            ///< that decode; 0: by the number of cores
    int reply_threads = 0;                              ///< that encode; 0: by the number of cores
    std::chrono::milliseconds drain_timeout{30'000};    ///< then what is left is answered `shutting_down`
    std::chrono::milliseconds timeout_default{60'000};  ///< for requests without `timeout_ms`
    std::size_t in_flight_max = 0;                      ///< more are refused as `overloaded`; 0: by what devices take
    std::size_t in_flight_bytes_max = 1 << 30;  ///< messages, decoded pictures and masks, tiles; more are refused

    friend bool operator==(const Service&, const Service&) = default;
  };

  /// Which network runs, and where.
  struct Model {
    std::string engine = "native";             ///< native, script (any TorchScript module), null (answers at once)
    std::string file;                          ///< weights; empty: the default inside the program
    std::vector<std::string> devices{"auto"};  ///< auto: every CUDA device, or the CPU where there is none
    int cpu_replicas = 1;                      ///< more of them: more batches at a time, fewer cores for each
    int gpu_replicas = 2;                      ///< 2: one batch is copied while the other computes; twice the memory
    int threads_per_replica = 0;               ///< 0: the replicas share the cores equally
    std::string precision = "auto";            ///< auto: the fastest that passes its self-check
    std::string null_faults;                   ///< what the null engine gets wrong on purpose
    std::string isa = "auto";                  ///< auto: the best instructions that this CPU has

    friend bool operator==(const Model&, const Model&) = default;
  };

  /// When a batch leaves.
  struct Batch {
    std::size_t size_max = 8;               ///< larger: more throughput on GPUs, more memory; little gain on CPUs
    std::chrono::milliseconds wait_max{5};  ///< what a lone request may lose by waiting for company
    int retries_max = 1;                    ///< how often a request survives the loss of its device
    bool adaptive = true;                   ///< sizes and waits from what is measured; false: size_max and wait_max
    std::chrono::milliseconds latency_target{0};  ///< what a batch may take, where a smaller one can; 0: no limit
    std::chrono::milliseconds age_max{2000};      ///< who waited so long, of any priority, gets every fourth batch

    friend bool operator==(const Batch&, const Batch&) = default;
  };

  /// How devices are started and watched.
  struct Device {
    std::chrono::milliseconds warm_up{1000};     ///< measured batches at start, about as long; 0: none
    std::chrono::milliseconds watchdog{30'000};  ///< the least time after which a batch counts as hung

    friend bool operator==(const Device&, const Device&) = default;
  };

  /// What a picture may cost, and how it is cut. The same names as ImageLimits and TilingLimits of image/.
  struct Image {
    std::int64_t pixels_max = 50'000'000;  ///< checked in the file's header, before decoding
    int side_max = 16'384;
    std::int64_t whole_pixels_max = 8'000'000;  ///< more would ask a device for gigabytes at once; docs/operations.md
    std::vector<int> window_sides{256, 512, 768, 1024};  ///< the network's inputs, but for `whole`
    double context = 0.25;                               ///< margin around a hole, in parts of the hole's longer side
    int context_min = 64;                                ///< and at least this many pixels

    friend bool operator==(const Image&, const Image&) = default;
  };

  /// Metrics and probes. They tell what this machine does: think before you open them to others.
  struct Http {
    std::string listen = "127.0.0.1:9464";  ///< numeric HOST:PORT; empty: no HTTP at all

    friend bool operator==(const Http&, const Http&) = default;
  };

  /// What is kept so that nothing is done twice. Off or full, every answer is the same.
  struct Cache {
    std::size_t bytes_max = 0;              ///< of results; pays where the same request comes again and again
    std::size_t mask_bytes_max = 64 << 20;  ///< of work on masks; pays where many pictures bring the same mask

    friend bool operator==(const Cache&, const Cache&) = default;
  };

  struct Log {
    std::string level = "info";
    std::string format = "text";

    friend bool operator==(const Log&, const Log&) = default;
  };

  Nats nats;
  Service service;
  Model model;
  Batch batch;
  Device device;
  Image image;
  Http http;
  Cache cache;
  Log log;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace inpaintd
