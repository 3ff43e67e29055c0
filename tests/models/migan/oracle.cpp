// SPDX-License-Identifier: Apache-2.0
#include "tests/models/migan/oracle.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "models/migan/structure.h"

namespace inpaintd::reference {
namespace {

constexpr double row[4] = {1, 3, 3, 1};

double activated(double x) { return std::clamp((x < 0 ? 0.2 * x : x) * std::sqrt(2.0), -256.0, 256.0); }

/// A value of a map, with zeros beyond its edge.
double at(const Map& map, int c, int y, int x) {
  return y < 0 || x < 0 || y >= map.height || x >= map.width ? 0.0 : map.at(c, y, x);
}

Map each(Map map, const std::function<double(double)>& change) {
  std::transform(map.values.begin(), map.values.end(), map.values.begin(), change);
  return map;
}

Map sum(Map a, const Map& b) {
  std::transform(a.values.begin(), a.values.end(), b.values.begin(), a.values.begin(), std::plus<>());
  return a;
}

/// The definition of both filters: 1 3 3 1 in each direction over 64, every second sample of the result; and the
/// transposed operation times four.
Map halved(const Map& in) {
  Map out(in.channels, in.height / 2, in.width / 2);
  for (int c = 0; c < in.channels; ++c)
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x)
        for (int i = 0; i < 4; ++i)
          for (int j = 0; j < 4; ++j) out.at(c, y, x) += row[i] * row[j] / 64 * at(in, c, 2 * y - 1 + i, 2 * x - 1 + j);
  return out;
}

Map doubled(const Map& in) {
  Map out(in.channels, 2 * in.height, 2 * in.width);
  for (int c = 0; c < in.channels; ++c)
    for (int y = 0; y < in.height; ++y)
      for (int x = 0; x < in.width; ++x)
        for (int i = 0; i < 4; ++i)
          for (int j = 0; j < 4; ++j) {
            const int to_y = 2 * y - 1 + i, to_x = 2 * x - 1 + j;
            if (to_y < 0 || to_x < 0 || to_y >= out.height || to_x >= out.width) continue;
            out.at(c, to_y, to_x) += row[i] * row[j] / 16 * in.at(c, y, x);
          }
  return out;
}

class Network {
 public:
  explicit Network(const MiganWeights& weights) : weights_(weights) {}

  [[nodiscard]] Map pointwise(const Map& in, const std::string& name) const {
    const Tensor& weight = weights_.tensors.at(name + ".weight");
    Map out(static_cast<int>(weight.shape[0]), in.height, in.width);
    for (int o = 0; o < out.channels; ++o)
      for (int y = 0; y < in.height; ++y)
        for (int x = 0; x < in.width; ++x) {
          for (int i = 0; i < in.channels; ++i)
            out.at(o, y, x) += weight.values[static_cast<std::size_t>(o * in.channels + i)] * in.at(i, y, x);
          if (const auto bias = weights_.tensors.find(name + ".bias"); bias != weights_.tensors.end())
            out.at(o, y, x) += bias->second.values[static_cast<std::size_t>(o)];
        }
    return out;
  }

  [[nodiscard]] Map depthwise(const Map& in, const std::string& name) const {
    const auto& weight = weights_.tensors.at(name + ".weight").values;
    const auto& bias = weights_.tensors.at(name + ".bias").values;
    Map out(in.channels, in.height, in.width);
    for (int c = 0; c < in.channels; ++c)
      for (int y = 0; y < in.height; ++y)
        for (int x = 0; x < in.width; ++x) {
          out.at(c, y, x) = bias[static_cast<std::size_t>(c)];
          for (int i = 0; i < 9; ++i)
            out.at(c, y, x) += weight[static_cast<std::size_t>(9 * c + i)] * at(in, c, y - 1 + i / 3, x - 1 + i % 3);
        }
    return out;
  }

  [[nodiscard]] Map separable(const Map& in, const std::string& name, bool halves, bool doubles) const {
    Map x = each(depthwise(in, name + ".conv1"), activated);
    if (halves) x = halved(x);
    x = pointwise(x, name + ".conv2");
    if (doubles) x = doubled(x);
    if (const auto noise = weights_.tensors.find(name + ".noise"); noise != weights_.tensors.end()) {
      const int side = static_cast<int>(noise->second.shape[0]);
      for (int c = 0; c < x.channels; ++c)
        for (int y = 0; y < x.height; ++y)
          for (int z = 0; z < x.width; ++z)
            x.at(c, y, z) += noise->second.values[static_cast<std::size_t>(y % side * side + z % side)];
    }
    return each(std::move(x), activated);
  }

  [[nodiscard]] Map run(const Map& image, const Map& mask) const {
    const MiganShape& shape = weights_.shape;
    Map x(4, image.height, image.width);
    for (int y = 0; y < x.height; ++y)
      for (int z = 0; z < x.width; ++z) {
        const double known = 1 - mask.at(0, y, z);
        x.at(0, y, z) = known - 0.5;
        for (int c = 0; c < 3; ++c) x.at(c + 1, y, z) = (2 * image.at(c, y, z) - 1) * known;
      }
    x = each(pointwise(x, encoder_name(shape, 0) + ".fromrgb"), activated);
    const std::size_t last = shape.levels() - 1;
    std::vector<Map> skips;
    for (std::size_t level = 0; level <= last; ++level) {
      skips.push_back(separable(x, encoder_name(shape, level) + ".conv1", false, false));
      x = separable(skips.back(), encoder_name(shape, level) + ".conv2", level < last, false);
    }
    Map picture(3, 0, 0);
    for (std::size_t level = last + 1; level-- > 0;) {
      const std::string name = synthesis_name(shape, level);
      x = sum(separable(x, name + ".conv1", false, level < last), skips[level]);
      x = separable(x, name + ".conv2", false, false);
      const Map colours = pointwise(x, name + ".torgb");
      picture = level < last ? sum(doubled(picture), colours) : colours;
    }
    return each(std::move(picture), [](double v) { return 0.5 * v + 0.5; });
  }

 private:
  const MiganWeights& weights_;
};

}  // namespace

Map predict(const MiganWeights& weights, const Map& image, const Map& mask) {
  return Network(weights).run(image, mask);
}

}  // namespace inpaintd::reference
