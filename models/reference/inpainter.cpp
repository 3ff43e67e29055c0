// SPDX-License-Identifier: Apache-2.0
#include "models/reference/inpainter.h"

#include <ATen/Context.h>
#include <fmt/format.h>

#include <utility>

#include "models/batch.h"
#include "models/migan/traits.h"
#include "models/reference/migan_network.h"
#include "models/reference/network.h"
#include "models/torch/inpainter.h"

namespace inpaintd {

namespace {

using Made = Result<std::unique_ptr<Inpainter>, EngineFailure>;

int side_multiple_of(const LamaWeights& /*weights*/) { return network_side_multiple; }
int side_multiple_of(const MiganWeights& weights) { return migan_traits(weights.shape).side_multiple; }

template <class Network, class Weights>
Made make(const Weights& weights, const std::string& device, int threads) {
  const auto place = find_device(device);
  if (!place) return place.error();
  return guarded([&]() -> Made {
    at::globalContext().setAllowTF32CuDNN(false);  // it is on by default, and has 10 bits of mantissa only
    auto runner = std::make_shared<Runner>(*place);
    std::shared_ptr<Network> network;
    runner->prepare([&] { network = std::make_shared<Network>(weights, *place); });
    return make_torch_inpainter({.kind = "reference",
                                 .model = weights.model,
                                 .details = describe_weights(weights),
                                 .device = *place,
                                 .threads = thread_count(threads),
                                 .side_multiple = side_multiple_of(weights),
                                 .runner = std::move(runner),
                                 .forward = [network](const at::Tensor& image, const at::Tensor& mask) {
                                   return network->forward(image, mask);
                                 }});
  });
}

}  // namespace

std::string describe_weights(const LamaWeights& weights) {
  const LamaShape& s = weights.shape;
  return fmt::format("LaMa {} channels, {} blocks ({} local + {} global), from {}", s.ngf, s.blocks, s.local, s.global,
                     weights.origin);
}

Made make_aten_lama(const LamaWeights& weights, const std::string& device, int threads) {
  return make<LamaNetwork>(weights, device, threads);
}

Made make_aten_migan(const MiganWeights& weights, const std::string& device, int threads) {
  return make<MiganNetwork>(weights, device, threads);
}

}  // namespace inpaintd
