// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "models/batch.h"
#include "models/fused/inpainter.h"
#include "models/fused/libraries.h"
#include "models/fused/migan_network.h"
#include "models/migan/traits.h"
#include "models/torch/inpainter.h"

namespace inpaintd {
namespace {

TorchEngine::Forward forward_of(const FoldedMigan& model, c10::Device device, at::ScalarType type) {
  return [network = std::make_shared<FusedMigan>(model, device, type)](
             const at::Tensor& image, const at::Tensor& mask) { return network->forward(image, mask); };
}

}  // namespace

Result<std::unique_ptr<Inpainter>, EngineFailure> make_fused_migan(const MiganWeights& weights,
                                                                   const std::string& device, Precision precision,
                                                                   int threads) {
  const auto place = find_device(device);
  if (!place) return place.error();
  return guarded([&]() -> Result<std::unique_ptr<Inpainter>, EngineFailure> {
    set_up_libraries();
    auto runner = std::make_shared<Runner>(*place);
    TorchEngine::Forward fast, exact;
    runner->prepare([&] {
      const FoldedMigan folded = fold(weights);
      fast = forward_of(folded, *place, type_of(precision));
      if (precision != Precision::fp32) exact = forward_of(folded, *place, at::kFloat);
    });
    return make_torch_inpainter({.kind = "native",
                                 .model = weights.model,
                                 .details = describe_weights(weights),
                                 .device = *place,
                                 .threads = thread_count(threads),
                                 .side_multiple = migan_traits(weights.shape).side_multiple,
                                 .precision = std::string(name(precision)),
                                 .way = "fused",
                                 .runner = std::move(runner),
                                 .forward = std::move(fast),
                                 .exact = std::move(exact)});
  });
}

}  // namespace inpaintd
