// SPDX-License-Identifier: Apache-2.0
#include "models/migan/structure.h"

#include <algorithm>

namespace inpaintd {
namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

/// A separable layer: 3x3 for each channel alone, with a bias, then 1x1 without one.
void add_separable(Shapes& shapes, const std::string& name, std::int64_t in, std::int64_t out) {
  shapes[name + ".conv1.weight"] = {in, 1, 3, 3};
  shapes[name + ".conv1.bias"] = {in};
  shapes[name + ".conv2.weight"] = {out, in, 1, 1};
}

std::string level_name(const char* part, const MiganShape& shape, std::size_t level) {
  return part + std::to_string(shape.side(level));
}

}  // namespace

std::string encoder_name(const MiganShape& shape, std::size_t level) { return level_name("encoder.b", shape, level); }

std::string synthesis_name(const MiganShape& shape, std::size_t level) {
  return level_name("synthesis.b", shape, level);
}

Shapes migan_tensors(const MiganShape& shape) {
  Shapes shapes;
  shapes[encoder_name(shape, 0) + ".fromrgb.weight"] = {shape.channels[0], 4, 1, 1};
  shapes[encoder_name(shape, 0) + ".fromrgb.bias"] = {shape.channels[0]};
  for (std::size_t level = 0; level < shape.levels(); ++level) {
    const std::int64_t channels = shape.channels[level];
    const std::int64_t below = shape.channels[std::min(level + 1, shape.levels() - 1)];
    add_separable(shapes, encoder_name(shape, level) + ".conv1", channels, channels);
    add_separable(shapes, encoder_name(shape, level) + ".conv2", channels, below);
    const std::string synthesis = synthesis_name(shape, level);
    add_separable(shapes, synthesis + ".conv1", below, channels);
    add_separable(shapes, synthesis + ".conv2", channels, channels);
    shapes[synthesis + ".torgb.weight"] = {3, channels, 1, 1};
    shapes[synthesis + ".torgb.bias"] = {3};
  }
  return shapes;
}

Shapes migan_noise(const MiganShape& shape) {
  Shapes shapes;
  for (std::size_t level = 0; level + 1 < shape.levels(); ++level)
    for (const char* layer : {".conv1", ".conv2"})
      shapes[synthesis_name(shape, level) + layer + ".noise"] = {shape.side(level), shape.side(level)};
  return shapes;
}

}  // namespace inpaintd
