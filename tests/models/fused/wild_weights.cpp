// SPDX-License-Identifier: Apache-2.0
#include "tests/models/fused/wild_weights.h"

#include <algorithm>
#include <string>

#include "models/reference/inpainter.h"

namespace inpaintd {

LamaWeights afraid_of_red() {
  LamaWeights weights = random_lama_weights({8, 2, 16, 48}, 7);
  const auto pass_on = [&](const std::string& norm, float bias) {
    weights.tensors.at(norm + ".weight").values[0] = weights.tensors.at(norm + ".running_var").values[0] = 1;
    weights.tensors.at(norm + ".running_mean").values[0] = 0;
    weights.tensors.at(norm + ".bias").values[0] = bias;
  };
  auto& first = weights.tensors.at("1.ffc.convl2l.weight").values;  // [8, 4, 7, 7]
  for (std::size_t i = 0; i < 4 * 49; ++i) first[i] = i < 49 ? 40.0F / 49 : i < 3 * 49 ? -40.0F / 49 : 0.0F;
  pass_on("1.bn_l", -36);
  auto& second = weights.tensors.at("2.ffc.convl2l.weight").values;  // [16, 8, 3, 3]
  std::fill_n(second.begin(), 8 * 9, 0.0F);
  second[4] = 8.5e37F;
  pass_on("2.bn_l", 0);
  auto& third = weights.tensors.at("3.ffc.convl2l.weight").values;  // [32, 16, 3, 3]
  for (std::size_t out = 0; out < 32; ++out)
    std::fill_n(third.begin() + static_cast<std::ptrdiff_t>(out * 16 * 9), 9, 0.0F);
  return weights;
}

}  // namespace inpaintd
