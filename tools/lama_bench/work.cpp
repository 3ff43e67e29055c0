// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/work.h"

#include <string>

#include "models/lama/structure.h"

namespace inpaintd::tools {
namespace {

/// The number of positions at which the kernel of a layer is applied: the pixels of the output, or of the input of a
/// transposed convolution.
double positions(const std::string& name, const LamaShape& shape, Size size) {
  const auto at = [size](int scale) { return static_cast<double>(size.width / scale) * (size.height / scale); };
  const int index = std::stoi(name);
  const DecoderIndex decoder = decoder_index(shape.blocks);
  if (index < first_block) return at(1 << (index - 1));  // 1 is the 7x7; 2, 3 and 4 halve
  for (int i = 0; i < 3; ++i)
    if (index == decoder.up[i]) return at(8 >> i);
  if (index == decoder.last) return at(1);
  if (name.find(".fu.") != name.npos) return (size.width / 8 / 2 + 1.0) * (size.height / 8);
  return at(8);
}

}  // namespace

double nominal_flops(const LamaShape& shape, Size size) {
  double flops = 0;
  for (const auto& [name, extents] : lama_tensors(shape)) {
    if (extents.size() != 4) continue;
    double products = 2;
    for (const auto extent : extents) products *= static_cast<double>(extent);
    flops += products * positions(name, shape, size);
  }
  return flops;
}

double nominal_flops(const MiganShape& shape, Size size) {
  const auto pixels = [size](std::size_t level) {
    return static_cast<double>(size.width >> level) * (size.height >> level);
  };
  constexpr double depthwise = 9, filter = 16, colours = 3;
  double products = 4.0 * shape.channels[0] * pixels(0);  // the first layer
  for (std::size_t level = 0; level < shape.levels(); ++level) {
    const double own = shape.channels[level], here = pixels(level);
    const bool last = level + 1 == shape.levels();
    const double below = last ? own : shape.channels[level + 1], there = last ? here : pixels(level + 1);
    products += (own * depthwise + own * own) * here;                  // encoder, first
    products += own * depthwise * here + own * below * there;          // encoder, second
    products += (below * depthwise + below * own) * there;             // synthesis, first
    products += (own * depthwise + own * own + own * colours) * here;  // synthesis, second, and colours
    if (!last) products += own * filter * there + (own + colours) * filter / 4 * here;  // halving and doubling
  }
  return 2 * products;
}

double nominal_flops(const Model& model, Size size) {
  if (const auto* lama = std::get_if<LamaWeights>(&model)) return nominal_flops(lama->shape, size);
  if (const auto* migan = std::get_if<MiganWeights>(&model)) return nominal_flops(migan->shape, size);
  return 0;
}

}  // namespace inpaintd::tools
