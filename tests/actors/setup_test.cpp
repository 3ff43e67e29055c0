// SPDX-License-Identifier: Apache-2.0
#include "actors/setup.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace inpaintd;

namespace {

std::vector<std::string> slots(const std::vector<std::string>& devices, int gpu_replicas, int cpu_replicas = 1) {
  Config config;
  config.model.devices = devices;
  config.model.gpu_replicas = gpu_replicas;
  config.model.cpu_replicas = cpu_replicas;
  std::vector<std::string> names;
  for (const DeviceSlot& slot : device_slots(config)) names.push_back(slot.name);
  return names;
}

}  // namespace

TEST_CASE("replicas are interleaved: neighbours are on different devices") {
  using Names = std::vector<std::string>;
  CHECK(slots({"cuda:0", "cuda:1", "cuda:2"}, 2) == Names{"cuda:0", "cuda:1", "cuda:2", "cuda:0", "cuda:1", "cuda:2"});
  CHECK(slots({"cuda:0", "cpu"}, 2) == Names{"cuda:0", "cpu", "cuda:0"});
  CHECK(slots({"cpu"}, 2, 3) == Names{"cpu", "cpu", "cpu"});
}

TEST_CASE("settings that are 0 are sized by the cores and replicas of the machine") {
  struct Row {
    int cores;
    std::size_t replicas;
    int threads;
    std::size_t in_flight;
  };
  for (const Row& row : {Row{1, 1, 2, 256}, Row{8, 8, 2, 256}, Row{12, 9, 3, 288}, Row{64, 16, 16, 512}}) {
    CAPTURE(row.cores);
    const Config config = sized(Config{}, row.replicas, row.cores);  // batches of eight
    CHECK(config.service.ingress_threads == row.threads);
    CHECK(config.service.reply_threads == row.threads);
    CHECK(config.service.in_flight_max == row.in_flight);
  }
}

TEST_CASE("settings that are not 0 are not changed") {
  Config config;
  config.service.ingress_threads = 5;
  config.service.reply_threads = 7;
  config.service.in_flight_max = 9;
  CHECK(sized(config, 16, 64) == config);
}

TEST_CASE("the planner of windows gets the needs of the model's network, and its window sides where none are set") {
  Config config;
  const auto lama = for_network(config);
  REQUIRE(lama);
  CHECK(lama->image.network == NetworkTraits{});
  CHECK(lama->image.window_sides == std::vector{256, 512, 768, 1024});

  config.image.window_sides = {64, 100};
  const auto refused = for_network(config);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("has the side 100, and the network of model.file needs multiples of 8") !=
        std::string::npos);
  config.image.window_sides = {64, 192};
  CHECK(for_network(config)->image.window_sides == std::vector{64, 192});
  config.model.file = "/no/such/file";
  CHECK(for_network(config));  // the device that loads the model reports the file
}
