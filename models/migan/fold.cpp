// SPDX-License-Identifier: Apache-2.0
#include "models/migan/fold.h"

#include "models/migan/structure.h"

namespace inpaintd {
namespace {

class Folder {
 public:
  explicit Folder(const MiganWeights& weights) : weights_(weights) {}

  [[nodiscard]] std::vector<float> values(const std::string& name) const { return weights_.tensors.at(name).values; }

  /// gain * leaky_relu(x) is leaky_relu(gain * x), so the gain goes into the weights before the activation.
  [[nodiscard]] std::vector<float> with_gain(const std::string& name) const {
    std::vector<float> scaled = values(name);
    for (float& value : scaled) value *= migan_gain;
    return scaled;
  }

  [[nodiscard]] Separable separable(const std::string& name) const {
    const auto& shape = weights_.tensors.at(name + ".conv2.weight").shape;
    Separable layer{static_cast<int>(shape[1]),        static_cast<int>(shape[0]),
                    with_gain(name + ".conv1.weight"), with_gain(name + ".conv1.bias"),
                    with_gain(name + ".conv2.weight"), {}};
    if (weights_.tensors.contains(name + ".noise")) layer.noise = with_gain(name + ".noise");
    return layer;
  }

 private:
  const MiganWeights& weights_;
};

}  // namespace

FoldedMigan fold(const MiganWeights& weights) {
  const Folder folder(weights);
  const MiganShape& shape = weights.shape;
  const std::string first = encoder_name(shape, 0) + ".fromrgb";
  FoldedMigan folded{shape, folder.with_gain(first + ".weight"), folder.with_gain(first + ".bias"), {}};
  for (std::size_t level = 0; level < shape.levels(); ++level) {
    const std::string encoder = encoder_name(shape, level), synthesis = synthesis_name(shape, level);
    folded.levels.push_back({shape.side(level),
                             shape.channels[level],
                             {folder.separable(encoder + ".conv1"), folder.separable(encoder + ".conv2")},
                             {folder.separable(synthesis + ".conv1"), folder.separable(synthesis + ".conv2")},
                             folder.values(synthesis + ".torgb.weight"),
                             folder.values(synthesis + ".torgb.bias")});
  }
  return folded;
}

}  // namespace inpaintd
