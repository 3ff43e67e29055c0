// SPDX-License-Identifier: Apache-2.0
#include "tests/models/reference.h"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <utility>

namespace inpaintd::reference {
namespace {

using std::numbers::pi;

int mirrored(int i, int size) {
  if (i < 0) return -i;
  return i < size ? i : 2 * (size - 1) - i;
}

std::complex<double> turn(double angle) { return std::polar(1.0, angle); }

class Network {
 public:
  explicit Network(const LamaWeights& weights) : weights_(weights) {}

  Map run(const Map& image, const Map& mask) {
    Map x(4, image.height, image.width);
    for (int y = 0; y < x.height; ++y)
      for (int column = 0; column < x.width; ++column) {
        const double hole = mask.at(0, y, column);
        for (int c = 0; c < 3; ++c) x.at(c, y, column) = image.at(c, y, column) * (1 - hole);
        x.at(3, y, column) = hole;
      }
    x = norm_relu(convolve(x, "1.ffc.convl2l", 3, 1), "1.bn_l");
    x = norm_relu(convolve(x, "2.ffc.convl2l", 1, 2), "2.bn_l");
    x = norm_relu(convolve(x, "3.ffc.convl2l", 1, 2), "3.bn_l");
    Map local = norm_relu(convolve(x, "4.ffc.convl2l", 1, 2), "4.bn_l");
    Map global = norm_relu(convolve(x, "4.ffc.convl2g", 1, 2), "4.bn_g");
    int index = 5;
    for (int block = 0; block < weights_.shape.blocks; ++block, ++index) {
      const std::string name = std::to_string(index);
      auto [l1, g1] = ffc(local, global, name + ".conv1");
      auto [l2, g2] = ffc(l1, g1, name + ".conv2");
      local = sum(local, l2);
      global = sum(global, g2);
    }
    x = concatenated(local, global);
    for (index += 1; index < 5 + weights_.shape.blocks + 10; index += 3)
      x = norm_relu(transposed(x, std::to_string(index)), std::to_string(index + 1));
    x = convolve(x, std::to_string(index + 1), 3, 1);
    const auto& bias = tensor(std::to_string(index + 1) + ".bias").values;
    for (int c = 0; c < 3; ++c)
      for (int y = 0; y < x.height; ++y)
        for (int column = 0; column < x.width; ++column)
          x.at(c, y, column) = 1 / (1 + std::exp(-x.at(c, y, column) - bias[static_cast<std::size_t>(c)]));
    return x;
  }

 private:
  const Tensor& tensor(const std::string& name) const { return weights_.tensors.at(name); }

  Map convolve(const Map& in, const std::string& name, int pad, int stride) const {
    const Tensor& weight = tensor(name + ".weight");
    const int outputs = static_cast<int>(weight.shape[0]), kernel = static_cast<int>(weight.shape[2]);
    Map out(outputs, (in.height + 2 * pad - kernel) / stride + 1, (in.width + 2 * pad - kernel) / stride + 1);
    for (int o = 0; o < outputs; ++o)
      for (int y = 0; y < out.height; ++y)
        for (int x = 0; x < out.width; ++x) {
          double total = 0;
          std::size_t w = static_cast<std::size_t>(o * in.channels * kernel * kernel);
          for (int i = 0; i < in.channels; ++i)
            for (int ky = 0; ky < kernel; ++ky)
              for (int kx = 0; kx < kernel; ++kx, ++w)
                total += weight.values[w] * in.at(i, mirrored(y * stride + ky - pad, in.height),
                                                  mirrored(x * stride + kx - pad, in.width));
          out.at(o, y, x) = total;
        }
    return out;
  }

  /// Every input pixel (y, x) adds its value times the 3x3 kernel to the outputs around (2y, 2x).
  Map transposed(const Map& in, const std::string& name) const {
    const Tensor& weight = tensor(name + ".weight");
    const auto& bias = tensor(name + ".bias").values;
    const int outputs = static_cast<int>(weight.shape[1]);
    Map out(outputs, 2 * in.height, 2 * in.width);
    for (int o = 0; o < outputs; ++o) {
      for (int y = 0; y < out.height; ++y)
        for (int x = 0; x < out.width; ++x) out.at(o, y, x) = bias[static_cast<std::size_t>(o)];
      for (int i = 0; i < in.channels; ++i)
        for (int y = 0; y < in.height; ++y)
          for (int x = 0; x < in.width; ++x)
            for (int k = 0; k < 9; ++k) {
              const int to_y = 2 * y + k / 3 - 1, to_x = 2 * x + k % 3 - 1;
              if (to_y < 0 || to_x < 0 || to_y >= out.height || to_x >= out.width) continue;
              out.at(o, to_y, to_x) +=
                  in.at(i, y, x) * weight.values[static_cast<std::size_t>((i * outputs + o) * 9 + k)];
            }
    }
    return out;
  }

  Map norm_relu(Map map, const std::string& name) const {
    for (int c = 0; c < map.channels; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const double deviation = std::sqrt(tensor(name + ".running_var").values[i] + 1e-5);
      for (int y = 0; y < map.height; ++y)
        for (int x = 0; x < map.width; ++x) {
          const double normal = (map.at(c, y, x) - tensor(name + ".running_mean").values[i]) / deviation;
          const double value = normal * tensor(name + ".weight").values[i] + tensor(name + ".bias").values[i];
          map.at(c, y, x) = value > 0 ? value : 0;
        }
    }
    return map;
  }

  Map fourier_unit(const Map& in, const std::string& name) const {
    const int columns = in.width / 2 + 1;
    Map planes(2 * in.channels, in.height, columns);
    for (int c = 0; c < in.channels; ++c) {
      const Spectrum spectrum = forward_dft(in, c);
      for (int i = 0; i < in.height * columns; ++i) {
        planes.at(2 * c, i / columns, i % columns) = spectrum[static_cast<std::size_t>(i)].real();
        planes.at(2 * c + 1, i / columns, i % columns) = spectrum[static_cast<std::size_t>(i)].imag();
      }
    }
    planes = norm_relu(convolve(planes, name + ".conv_layer", 0, 1), name + ".bn");
    Map out(in.channels, in.height, in.width);
    for (int c = 0; c < in.channels; ++c) {
      Spectrum spectrum;
      for (int i = 0; i < in.height * columns; ++i)
        spectrum.emplace_back(planes.at(2 * c, i / columns, i % columns),
                              planes.at(2 * c + 1, i / columns, i % columns));
      const auto plane = inverse_dft(spectrum, in.height, in.width);
      for (int i = 0; i < in.height * in.width; ++i)
        out.at(c, i / in.width, i % in.width) = plane[static_cast<std::size_t>(i)];
    }
    return out;
  }

  std::pair<Map, Map> ffc(const Map& local, const Map& global, const std::string& name) const {
    const std::string transform = name + ".ffc.convg2g";
    const Map s = norm_relu(convolve(global, transform + ".conv1.0", 0, 1), transform + ".conv1.1");
    const Map spectral = convolve(sum(s, fourier_unit(s, transform + ".fu")), transform + ".conv2", 0, 1);
    const Map l = sum(convolve(local, name + ".ffc.convl2l", 1, 1), convolve(global, name + ".ffc.convg2l", 1, 1));
    const Map g = sum(convolve(local, name + ".ffc.convl2g", 1, 1), spectral);
    return {norm_relu(l, name + ".bn_l"), norm_relu(g, name + ".bn_g")};
  }

  static Map sum(Map a, const Map& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
    return a;
  }
  static Map concatenated(const Map& a, const Map& b) {
    Map both(a.channels + b.channels, a.height, a.width);
    both.values = a.values;
    both.values.insert(both.values.end(), b.values.begin(), b.values.end());
    return both;
  }

  const LamaWeights& weights_;
};

}  // namespace

Map::Map(int channels, int height, int width)
    : channels(channels), height(height), width(width), values(static_cast<std::size_t>(channels * height * width)) {}
double& Map::at(int c, int y, int x) { return values[static_cast<std::size_t>((c * height + y) * width + x)]; }
double Map::at(int c, int y, int x) const { return values[static_cast<std::size_t>((c * height + y) * width + x)]; }

Spectrum forward_dft(const Map& map, int channel) {
  Spectrum spectrum;
  for (int ky = 0; ky < map.height; ++ky)
    for (int kx = 0; kx <= map.width / 2; ++kx) {
      std::complex<double> total = 0;
      for (int y = 0; y < map.height; ++y)
        for (int x = 0; x < map.width; ++x)
          total += map.at(channel, y, x) *
                   turn(-2 * pi * (static_cast<double>(ky * y) / map.height + static_cast<double>(kx * x) / map.width));
      spectrum.push_back(total / std::sqrt(static_cast<double>(map.height) * map.width));
    }
  return spectrum;
}

std::vector<double> inverse_dft(const Spectrum& spectrum, int height, int width) {
  const int columns = width / 2 + 1;
  std::vector<double> plane;
  for (int y = 0; y < height; ++y) {
    std::vector<std::complex<double>> row(static_cast<std::size_t>(columns));
    for (int kx = 0; kx < columns; ++kx)
      for (int ky = 0; ky < height; ++ky)
        row[static_cast<std::size_t>(kx)] += spectrum[static_cast<std::size_t>(ky * columns + kx)] *
                                             turn(2 * pi * ky * y / height) / std::sqrt(static_cast<double>(height));
    for (int x = 0; x < width; ++x) {
      double total = row[0].real();
      for (int kx = 1; kx < columns; ++kx) {
        const auto& value = row[static_cast<std::size_t>(kx)];
        const bool unpaired = 2 * kx == width;
        total += unpaired ? value.real() * std::cos(pi * x) : 2 * (value * turn(2 * pi * kx * x / width)).real();
      }
      plane.push_back(total / std::sqrt(static_cast<double>(width)));
    }
  }
  return plane;
}

Map predict(const LamaWeights& weights, const Map& image, const Map& mask) { return Network(weights).run(image, mask); }

}  // namespace inpaintd::reference
