// SPDX-License-Identifier: Apache-2.0
#include "actors/wanted_devices.h"

#include <doctest/doctest.h>

using namespace inpaintd;

using Names = std::vector<std::string>;

TEST_CASE("auto names every GPU, or the CPU if there is none, and cuda names every GPU and never the CPU") {
  const Names two_gpus{"cuda:0", "cuda:1", "cpu"}, no_gpu{"cpu"};
  CHECK(wanted_devices({"auto"}, two_gpus) == Names{"cuda:0", "cuda:1"});
  CHECK(wanted_devices({"auto"}, no_gpu) == Names{"cpu"});
  CHECK(wanted_devices({"cuda"}, two_gpus) == Names{"cuda:0", "cuda:1"});
  CHECK(wanted_devices({"cuda"}, no_gpu) == Names{"cuda"});
  CHECK(wanted_devices({"cuda", "cpu"}, two_gpus) == Names{"cuda:0", "cuda:1", "cpu"});
  CHECK(wanted_devices({"cuda:1"}, two_gpus) == Names{"cuda:1"});
  CHECK(wanted_devices({"cuda:7"}, no_gpu) == Names{"cuda:7"});
}
