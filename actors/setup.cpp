// SPDX-License-Identifier: Apache-2.0
#include "actors/setup.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <thread>

#include "actors/wanted_devices.h"
#include "models/inpainter.h"

namespace inpaintd {
namespace {

std::vector<std::string> resolve_devices(const Config::Model& model) {
  const std::vector<std::string> wanted = wanted_devices(model.devices, available_devices());
  if (built_for_cuda() && model.devices.front() == "auto" && wanted.front() == "cpu")
    spdlog::warn(
        "this build is for GPUs, but no CUDA device answers: it runs on the CPU. With model.devices = "
        "[\"cuda\"] that is an error; look at nvidia-smi, /dev/nvidia-uvm and the driver's version");
  std::vector<std::string> replicas;
  for (const auto& device : wanted)
    replicas.insert(replicas.end(), static_cast<std::size_t>(device == "cpu" ? model.cpu_replicas : model.gpu_replicas),
                    device);
  return replicas;
}

}  // namespace

ConnectionOptions connection_options(const Config& config) {
  ConnectionOptions options;
  options.url = config.nats.url;
  options.name = config.service.name;
  options.user = config.nats.user;
  options.password = config.nats.password;
  options.token = config.nats.token;
  options.nkey_seed_file = config.nats.nkey_seed_file;
  options.credentials_file = config.nats.credentials_file;
  options.tls_ca_file = config.nats.tls_ca_file;
  options.tls_cert_file = config.nats.tls_cert_file;
  options.tls_key_file = config.nats.tls_key_file;
  options.tls = config.nats.tls;
  options.inbox_prefix = config.nats.inbox_prefix;
  options.connect_timeout = config.nats.connect_timeout;
  options.retry_first_connect = config.nats.retry_first_connect;
  options.reconnect_buffer_bytes = config.nats.reconnect_buffer_bytes;
  options.pending_max = config.nats.pending_max;
  return options;
}

IngressSettings ingress_settings(const Config& config) {
  const auto& image = config.image;
  return {{image.pixels_max, image.side_max},
          {image.whole_side_max, image.window_max, image.context, image.context_min},
          config.service.timeout_default};
}

BatcherSettings batcher_settings(const Config& config) {
  const auto& batch = config.batch;
  return {{batch.size_max, batch.wait_max, batch.adaptive, batch.latency_target},
          batch.age_max,
          batch.retries_max,
          config.device.watchdog};
}

WarmUpSettings warm_up_settings(const Config& config) { return {config.device.warm_up, config.batch.size_max}; }

ReuseSettings reuse_settings(const Config& config) { return {config.cache.bytes_max, config.cache.mask_bytes_max}; }

std::vector<DeviceSlot> device_slots(const Config& config) {
  const auto& model = config.model;
  const auto devices = resolve_devices(model);
  const auto on_cpu = static_cast<int>(std::count(devices.begin(), devices.end(), "cpu"));
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  std::vector<DeviceSlot> slots;
  for (const auto& device : devices) {
    EngineOptions options;
    options.engine = model.engine;
    options.model = model.file;
    options.device = device;
    options.precision = model.precision;
    options.isa = model.isa;
    options.warn = [](const std::string& text) { spdlog::warn(text); };
    options.null_faults = model.null_faults;
    options.threads = model.threads_per_replica;
    if (options.threads == 0) options.threads = std::max(1, cores / std::max(1, on_cpu));
    slots.push_back({device, [options] { return make_inpainter(options); }});
  }
  return slots;
}

}  // namespace inpaintd
