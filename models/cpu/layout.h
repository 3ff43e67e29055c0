// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/cpu/kernels/kernels.h"

namespace inpaintd::cpu {

/// Pixels around a map, so that a convolution can read beyond the map's edge without a test.
struct Halo {
  enum class Kind { none, reflect, zero };
  Kind kind = Kind::none;
  int before = 0;  ///< rows above and columns to the left
  int after = 0;   ///< rows below and columns to the right
};

inline constexpr Halo no_halo{};
/// A 3x3 convolution of stride 2 on an even size never reads beyond the last row or column.
inline constexpr Halo halo_for_down{Halo::Kind::reflect, 1, 0};
inline constexpr Halo halo_for_up{Halo::Kind::zero, 0, 1};
inline constexpr Halo halo_for_last{Halo::Kind::reflect, 3, 3};

inline int ceil_div(int a, int b) { return (a + b - 1) / b; }

/// Rounds up to an odd number of cache lines, in floats: planes at a distance of a power of two would share cache sets.
inline Stride odd_lines(Stride floats) { return (((floats + 15) / 16) | 1) * 16; }

/// A batch of feature maps in the engine's layout [channel block][image][row][column][channel of the block], where a
/// block is one vector wide. `data` points at pixel (0, 0) of the first image and block, between the two parts of the
/// halo. All strides are in floats.
struct View {
  float* data = nullptr;
  int pixel = 0;  ///< floats of a pixel: the channels of a block
  int blocks = 0;
  int images = 0;
  int height = 0;
  int width = 0;
  Halo halo;
  Stride row = 0;
  Stride image = 0;
  Stride plane = 0;

  /// A view without memory; bind() gives it floats() floats.
  static View of(int pixel, int blocks, int images, int height, int width, Halo halo = no_halo) {
    View v{nullptr, pixel, blocks, images, height, width, halo};
    const int margin = halo.before + halo.after;
    v.row = static_cast<Stride>(width + margin) * pixel;
    v.image = v.row * (height + margin);
    v.plane = odd_lines(v.image * images);
    return v;
  }

  [[nodiscard]] std::size_t floats() const { return static_cast<std::size_t>(plane * blocks); }
  void bind(float* memory) { data = memory + halo.before * (row + pixel); }

  /// The view of `count` channel blocks.
  [[nodiscard]] View channels(int first_block, int count) const {
    View v = *this;
    v.data += first_block * plane;
    v.blocks = count;
    return v;
  }

  /// The view of `count` images.
  [[nodiscard]] View some_images(int first, int count) const {
    View v = *this;
    v.data += first * image;
    v.images = count;
    return v;
  }

  [[nodiscard]] float* at(int block, int image_index, int y, int x) const {
    return data + block * plane + image_index * image + y * row + static_cast<Stride>(x) * pixel;
  }
};

/// Rows [y0, y1) and columns [x0, x1) of every image.
struct Window {
  int y0 = 0;
  int y1 = 0;
  int x0 = 0;
  int x1 = 0;
};

inline Window whole(const View& v) { return {0, v.height, 0, v.width}; }

/// The trained channel at each position of the blocked layout, or -1 where a block is filled up with zeros.
using ChannelMap = std::vector<int>;

/// `count` channels in their own order, in blocks of `block` channels.
inline ChannelMap plain_channels(int count, int block) {
  ChannelMap map(static_cast<std::size_t>((count + block - 1) / block * block), -1);
  for (int i = 0; i < count; ++i) map[static_cast<std::size_t>(i)] = i;
  return map;
}

/// [local | global]; both start at the beginning of a block.
inline ChannelMap split_channels(int local, int global, int block) {
  ChannelMap map = plain_channels(local, block);
  for (const int channel : plain_channels(global, block)) map.push_back(channel < 0 ? -1 : local + channel);
  return map;
}

/// Blocks of real parts alternate with blocks of the imaginary parts. In the trained order the parts alternate channel
/// by channel.
inline ChannelMap spectrum_channels(int complex_count, int block) {
  const ChannelMap complex = plain_channels(complex_count, block);
  ChannelMap map;
  for (std::size_t begin = 0; begin < complex.size(); begin += static_cast<std::size_t>(block))
    for (int part = 0; part < 2; ++part)
      for (std::size_t i = begin; i < begin + static_cast<std::size_t>(block); ++i)
        map.push_back(complex[i] < 0 ? -1 : 2 * complex[i] + part);
  return map;
}

}  // namespace inpaintd::cpu
