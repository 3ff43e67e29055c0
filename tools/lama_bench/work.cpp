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

}  // namespace inpaintd::tools
