// SPDX-License-Identifier: Apache-2.0
#include "models/fused/channel_scales.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace inpaintd {
namespace {

using Numbers = std::vector<float>;

constexpr float scale_max = 4096;  // a nearly silent channel must not blow up the weights that lead to it

Numbers ones(int count) { return Numbers(static_cast<std::size_t>(count), 1.0F); }

/// A factor for each interleaved (re, im) pair.
Numbers twice(const Numbers& complex) {
  Numbers pairs;
  for (const float each : complex) pairs.insert(pairs.end(), 2, each);
  return pairs;
}

void scale(Convolution& c, const Numbers& in, const Numbers& out, WeightOrder order = WeightOrder::out_in) {
  assert(in.size() == static_cast<std::size_t>(c.in) && out.size() == static_cast<std::size_t>(c.out));
  const std::size_t area = static_cast<std::size_t>(c.kernel_h) * static_cast<std::size_t>(c.kernel_w);
  const std::size_t inner = order == WeightOrder::out_in ? in.size() : out.size();
  for (std::size_t at = 0; at < c.weight.size(); ++at) {
    const std::size_t first = at / area / inner, second = at / area % inner;
    const auto [o, i] = order == WeightOrder::out_in ? std::pair(first, second) : std::pair(second, first);
    c.weight[at] *= out[o] / in[i];
  }
  for (std::size_t o = 0; o < out.size(); ++o) c.bias[o] *= out[o];
}

template <class Change>
void for_each(ChannelNumbers& numbers, const Change& change) {
  change(numbers.first);
  for (Numbers& each : numbers.down) change(each);
  change(numbers.stream);
  for (ChannelNumbers::Layer& layer : numbers.layers) {
    change(layer.half);
    change(layer.output);
  }
  for (Numbers& each : numbers.up) change(each);
}

}  // namespace

ChannelNumbers channel_numbers(const LamaShape& shape, float value) {
  const auto fill = [value](int count) { return Numbers(static_cast<std::size_t>(count), value); };
  const int ngf = shape.ngf;
  return {fill(ngf),
          {fill(2 * ngf), fill(4 * ngf)},
          fill(8 * ngf),
          std::vector<ChannelNumbers::Layer>(2 * static_cast<std::size_t>(shape.blocks),
                                             {fill(shape.global / 2), fill(8 * ngf)}),
          {fill(4 * ngf), fill(2 * ngf), fill(ngf)}};
}

ChannelNumbers scales_for(const ChannelNumbers& maxima, float target) {
  ChannelNumbers scales = maxima;
  for_each(scales, [target](Numbers& numbers) {
    for (float& each : numbers)
      each = each > 0 ? std::min(std::exp2(std::floor(std::log2(target / each))), scale_max) : 1.0F;
  });
  return scales;
}

FoldedLama scaled(const FoldedLama& model, const ChannelNumbers& scales) {
  FoldedLama m = model;
  const auto local = static_cast<std::ptrdiff_t>(model.shape.local);
  scale(m.first, ones(4), scales.first);
  scale(m.down[0], scales.first, scales.down[0]);
  scale(m.down[1], scales.down[0], scales.down[1]);
  scale(m.down[2], scales.down[1], scales.stream);
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    FoldedFfc& layer = m.layers[i];
    const bool second = i % 2 == 1;
    const Numbers& in = second ? scales.layers[i - 1].output : scales.stream;
    const Numbers& out = second ? scales.stream : scales.layers[i].output;
    const Numbers& half = scales.layers[i].half;
    const Numbers in_local(in.begin(), in.begin() + local), in_global(in.begin() + local, in.end());
    const Numbers out_local(out.begin(), out.begin() + local), out_global(out.begin() + local, out.end());
    scale(layer.to_local, in, out_local);
    scale(layer.local_to_global, in_local, out_global);
    scale(layer.conv1, in_global, half);
    scale(layer.spectral, twice(half), twice(half));
    scale(layer.conv2, half, out_global);
  }
  scale(m.up[0], scales.stream, scales.up[0], WeightOrder::in_out);
  scale(m.up[1], scales.up[0], scales.up[1], WeightOrder::in_out);
  scale(m.up[2], scales.up[1], scales.up[2], WeightOrder::in_out);
  scale(m.last, scales.up[2], ones(3));
  return m;
}

}  // namespace inpaintd
