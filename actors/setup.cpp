// SPDX-License-Identifier: Apache-2.0
#include "actors/setup.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "actors/wanted_devices.h"
#include "core/cores.h"
#include "models/inpainter.h"

namespace inpaintd {
namespace {

// The first replica of every device, then the second replica of every device that has two, and so on. So the replicas
// that start first, and neighbouring replicas, are on different devices.
std::vector<std::string> interleaved(const std::vector<std::string>& devices, const Config::Model& model) {
  std::vector<std::string> replicas;
  for (int round = 0; round < std::max(model.cpu_replicas, model.gpu_replicas); ++round)
    for (const auto& device : devices)
      if (round < (device == "cpu" ? model.cpu_replicas : model.gpu_replicas)) replicas.push_back(device);
  return replicas;
}

std::vector<std::string> resolve_devices(const Config::Model& model) {
  const std::vector<std::string> wanted = wanted_devices(model.devices, available_devices());
  if (built_for_cuda() && model.devices.front() == "auto" && wanted.front() == "cpu")
    spdlog::warn(
        "this build is for GPUs, but no CUDA device answers, so the service runs on the CPU; check nvidia-smi, "
        "/dev/nvidia-uvm and the driver's version, or set model.devices = [\"cuda\"] to make this an error");
  return interleaved(wanted, model);
}

}  // namespace

Config sized(Config config, std::size_t replicas, int cores) {
  constexpr std::size_t in_flight_least = 256;
  constexpr std::size_t batches_per_replica = 4;  // one runs, one is ready, and two are being decoded or encoded
  auto& service = config.service;
  const int threads = std::max(2, cores / 4);
  if (service.ingress_threads == 0) service.ingress_threads = threads;
  if (service.reply_threads == 0) service.reply_threads = threads;
  if (service.in_flight_max == 0)
    service.in_flight_max = std::max(in_flight_least, batches_per_replica * replicas * config.batch.size_max);
  return config;
}

Config sized(Config config) {
  const int cores = usable_cores();
  const std::size_t replicas = resolve_devices(config.model).size();
  config = sized(std::move(config), replicas, cores);
  spdlog::info("{} cores, {} replicas: {} threads decode, {} encode; at most {} requests in flight", cores, replicas,
               config.service.ingress_threads, config.service.reply_threads, config.service.in_flight_max);
  return config;
}

Result<Config> for_network(Config config) {
  auto traits = network_traits(config.model);
  if (!traits) return config;
  config.image.network = *std::move(traits);
  const NetworkTraits& network = config.image.network;
  for (const int side : config.image.ladder())
    if (side % network.side_multiple != 0)
      return Error{
          ErrorCode::bad_request,
          fmt::format("image.window_sides has the side {}, and the network of model.file needs multiples of {}; "
                      "empty the setting to use the network's own sides",
                      side, network.side_multiple)};
  config.image.window_sides = config.image.ladder();
  return config;
}

std::vector<DeviceSlot> device_slots(const Config& config) {
  const auto& model = config.model;
  const auto devices = resolve_devices(model);
  const auto on_cpu = static_cast<int>(std::count(devices.begin(), devices.end(), "cpu"));
  const int cores = usable_cores();
  std::vector<DeviceSlot> slots;
  for (const auto& device : devices) {
    EngineOptions options = model;
    options.device = device;
    if (options.threads == 0) options.threads = std::max(1, cores / std::max(1, on_cpu));
    slots.push_back(
        {device, [options] { return make_inpainter(options, [](const std::string& text) { spdlog::warn(text); }); }});
  }
  return slots;
}

}  // namespace inpaintd
