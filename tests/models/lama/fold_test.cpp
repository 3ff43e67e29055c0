// SPDX-License-Identifier: Apache-2.0
#include "models/lama/fold.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/lama/structure.h"

namespace inpaintd {
namespace {

constexpr LamaShape tiny{1, 1, 2, 6};

/// Every convolution 0.5; every BatchNorm y = 2 (x - 3) + 1 = 2 x - 5; every bias of a convolution 4.
LamaWeights constant_weights() {
  LamaWeights weights;
  weights.shape = tiny;
  for (const auto& [name, shape] : lama_tensors(tiny)) {
    Tensor tensor{shape, {}};
    std::size_t count = 1;
    for (const auto extent : shape) count *= static_cast<std::size_t>(extent);
    float value = 0.5F;
    if (shape.size() == 1) {
      const std::string norm = name.substr(0, name.rfind('.')) + ".running_var";
      const bool is_norm = lama_tensors(tiny).contains(norm);
      value = !is_norm                         ? 4.0F
              : name.ends_with("running_mean") ? 3.0F
              : name.ends_with("running_var")  ? 1.0F - 1e-5F
              : name.ends_with(".weight")      ? 2.0F
                                               : 1.0F;
    }
    tensor.values.assign(count, value);
    weights.tensors[name] = tensor;
  }
  return weights;
}

bool all(const std::vector<float>& values, float expected) {
  return std::all_of(values.begin(), values.end(), [&](float v) { return std::abs(v - expected) < 1e-5F; });
}

}  // namespace

TEST_CASE("a batch normalisation is folded into the weights and a bias") {
  const FoldedLama model = fold(constant_weights());
  CHECK(model.shape == tiny);
  CHECK(model.first.weight.size() == 1 * 4 * 7 * 7);
  CHECK(all(model.first.weight, 1.0F));  // 0.5 * 2
  CHECK(all(model.first.bias, -5.0F));
  CHECK(all(model.layers[0].conv1.weight, 1.0F));
  CHECK(all(model.layers[1].spectral.bias, -5.0F));
}

TEST_CASE("the last down-sampling makes local and global channels in one convolution") {
  LamaWeights weights = constant_weights();
  weights.tensors["4.ffc.convl2g.weight"].values.assign(6 * 4 * 9, 3.0F);
  const Convolution down = fold(weights).down[2];
  CHECK(down.in == 4);
  CHECK(down.out == 8);
  const auto split = down.weight.begin() + 2 * 4 * 9;
  CHECK(all({down.weight.begin(), split}, 1.0F));
  CHECK(all({split, down.weight.end()}, 6.0F));
  CHECK(down.bias.size() == 8);
}

TEST_CASE("local to local and global to local become one convolution, and their common bias is added once") {
  LamaWeights weights = constant_weights();
  weights.tensors["5.conv1.ffc.convg2l.weight"].values.assign(2 * 6 * 9, 0.25F);
  const Convolution merged = fold(weights).layers[0].to_local;
  CHECK(merged.in == 8);
  CHECK(merged.out == 2);
  REQUIRE(merged.weight.size() == 2 * 8 * 9);
  for (std::size_t i = 0; i < merged.weight.size(); ++i)
    CHECK(merged.weight[i] == doctest::Approx(i / 9 % 8 < 2 ? 1.0F : 0.5F));
  CHECK(all(merged.bias, -5.0F));
}

TEST_CASE("the shift of the global branch is in the bias of local to global alone") {
  const FoldedFfc layer = fold(constant_weights()).layers[0];
  CHECK(all(layer.local_to_global.bias, -5.0F));
  CHECK(all(layer.conv2.weight, 1.0F));
  CHECK(all(layer.conv2.bias, 0.0F));
}

TEST_CASE("a transposed convolution is folded in its own order of axes, and its bias is scaled as well") {
  LamaWeights weights = constant_weights();
  auto& scale = weights.tensors["8.weight"].values;  // the BatchNorm after the first transposed convolution
  REQUIRE(scale.size() == 4);
  scale = {2, 4, 6, 8};
  const Convolution up = fold(weights).up[0];
  CHECK(up.in == 8);
  CHECK(up.out == 4);
  for (std::size_t i = 0; i < up.weight.size(); ++i) CHECK(up.weight[i] == doctest::Approx(0.5F * scale[i / 9 % 4]));
  CHECK(up.bias[0] == doctest::Approx(4 * 2 - 6 + 1));
  CHECK(up.bias[3] == doctest::Approx(4 * 8 - 24 + 1));
}

TEST_CASE("the last convolution is unchanged") {
  const FoldedLama model = fold(constant_weights());
  CHECK(all(model.last.weight, 0.5F));
  CHECK(all(model.last.bias, 4.0F));
}

}  // namespace inpaintd
