// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/packing.h"

namespace inpaintd::cpu {
namespace {

/// The place of weight (k, n) of a k_size x n_size matrix, in panels of 2 * block outputs.
std::size_t panel_index(int k, int n, int k_size, int n_size, int block) {
  const int begin = n / (2 * block) * (2 * block);
  const int panel = std::min(2 * block, n_size - begin);
  return static_cast<std::size_t>(begin) * static_cast<std::size_t>(k_size) +
         static_cast<std::size_t>(k) * static_cast<std::size_t>(panel) + static_cast<std::size_t>(n - begin);
}

/// The weight from input `i` to output `o` at `tap`, in the coordinates of the weight.
float element(const Convolution& c, int o, int i, Tap tap, WeightOrder order = WeightOrder::out_in) {
  const Stride pair =
      order == WeightOrder::out_in ? static_cast<Stride>(o) * c.in + i : static_cast<Stride>(i) * c.out + o;
  return c.weight[static_cast<std::size_t>((pair * c.kernel_h + tap.y) * c.kernel_w + tap.x)];
}

/// Winograd's transform G g G^T of a 3x3 kernel, for the points of kernels/winograd.h.
void transform_kernel(const double (&kernel)[3][3], double (&out)[6][6]) {
  static constexpr double g[6][3] = {{1 / 4.0, 0, 0},
                                     {-1 / 6.0, -1 / 6.0, -1 / 6.0},
                                     {-1 / 6.0, 1 / 6.0, -1 / 6.0},
                                     {1 / 24.0, 1 / 12.0, 1 / 6.0},
                                     {1 / 24.0, -1 / 12.0, 1 / 6.0},
                                     {0, 0, 1}};
  double half[6][3];
  for (int r = 0; r < 6; ++r)
    for (int c = 0; c < 3; ++c) half[r][c] = g[r][0] * kernel[0][c] + g[r][1] * kernel[1][c] + g[r][2] * kernel[2][c];
  for (int r = 0; r < 6; ++r)
    for (int c = 0; c < 6; ++c) out[r][c] = half[r][0] * g[c][0] + half[r][1] * g[c][1] + half[r][2] * g[c][2];
}

}  // namespace

template <class Value>
PackedConv Packer::pack(int k_size, const ChannelMap& out, const Value& value) {
  const int n_size = static_cast<int>(out.size());
  float* weights = store_.take(static_cast<std::size_t>(k_size) * out.size());
  pool_.parallel(k_size / block_, [&](int k_block, int) {
    for (int k = k_block * block_; k < (k_block + 1) * block_; ++k)
      for (int n = 0; n < n_size; ++n) {
        const int channel = out[static_cast<std::size_t>(n)];
        weights[panel_index(k, n, k_size, n_size, block_)] = channel < 0 ? 0.0F : value(k, channel);
      }
  });
  return {weights, nullptr, k_size / block_, n_size / block_};
}

const float* Packer::bias(const Convolution& c, const ChannelMap& out) {
  float* bias = store_.take(out.size());
  for (std::size_t n = 0; n < out.size(); ++n) bias[n] = out[n] < 0 ? 0.0F : c.bias[static_cast<std::size_t>(out[n])];
  return bias;
}

PackedConv Packer::conv(const Convolution& c, std::span<const Tap> taps, const ChannelMap& in, const ChannelMap& out,
                        WeightOrder order) {
  const int inputs = static_cast<int>(in.size());
  PackedConv packed = pack(inputs * static_cast<int>(taps.size()), out, [&](int k, int o) {
    const int i = in[static_cast<std::size_t>(k % inputs)];
    return i < 0 ? 0.0F : element(c, o, i, taps[static_cast<std::size_t>(k / inputs)], order);
  });
  packed.bias = bias(c, out);
  return packed;
}

PackedConv Packer::first(const Convolution& c, const ChannelMap& out) {
  PackedConv packed = pack(7 * 8 * 4, out, [&](int k, int o) {
    const int x = k / 4 % 8;
    return x == 7 ? 0.0F : element(c, o, k % 4, {k / 32, x});
  });
  packed.bias = bias(c, out);
  return packed;
}

PackedConv Packer::last(const Convolution& c, const ChannelMap& in) {
  const int inputs = static_cast<int>(in.size());
  return pack(7 * inputs, plain_channels(7 * c.out, block_), [&](int k, int n) {
    const int i = in[static_cast<std::size_t>(k % inputs)];
    return i < 0 ? 0.0F : element(c, n / 7, i, {k / inputs, n % 7});
  });
}

PackedWinograd Packer::winograd(const Convolution& c, const ChannelMap& in, const ChannelMap& out) {
  const int k_size = static_cast<int>(in.size());
  const int n_size = static_cast<int>(out.size());
  const std::size_t point = in.size() * out.size();
  float* weights = store_.take(36 * point);
  pool_.parallel(k_size, [&](int k, int) {
    const int i = in[static_cast<std::size_t>(k)];
    for (int n = 0; n < n_size; ++n) {
      const int o = out[static_cast<std::size_t>(n)];
      double kernel[3][3] = {};
      if (i >= 0 && o >= 0)
        for (int t = 0; t < 9; ++t) kernel[t / 3][t % 3] = element(c, o, i, {t / 3, t % 3});
      double points[6][6];
      transform_kernel(kernel, points);
      float* to = weights + panel_index(k, n, k_size, n_size, block_);
      for (std::size_t p = 0; p < 36; ++p) to[p * point] = static_cast<float>(points[p / 6][p % 6]);
    }
  });
  return {weights, bias(c, out), k_size / block_, n_size / block_, static_cast<Stride>(point)};
}

}  // namespace inpaintd::cpu
