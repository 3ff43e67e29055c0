// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/migan_plan.h"

#include <algorithm>
#include <cstring>

namespace inpaintd::cpu {
namespace {

constexpr Halo around{Halo::Kind::zero, 1, 1};
constexpr int tile_columns_max = 96;    // a multiple of the tiles of kernels/gemm.h
constexpr int tile_floats = 64 * 1024;  // the input of a tile's matrix product: 256 KiB stay in L2

}  // namespace

void zero_border(const View& map) {
  const auto clear = [](float* at, Stride floats) {
    std::memset(at, 0, static_cast<std::size_t>(floats) * sizeof(float));
  };
  for (int block = 0; block < map.blocks; ++block)
    for (int image = 0; image < map.images; ++image) {
      clear(map.at(block, image, -1, -1), map.row);
      clear(map.at(block, image, map.height, -1), map.row);
      for (int y = 0; y < map.height; ++y) {
        clear(map.at(block, image, y, -1), map.pixel);
        clear(map.at(block, image, y, map.width), map.pixel);
      }
    }
}

MiganPlan::MiganPlan(const std::vector<int>& channels, int block, int threads, Size wanted, int count)
    : size(wanted), images(count), maps(channels.size()), block_(block), threads_(threads) {
  const int levels = static_cast<int>(channels.size()), last = levels - 1, steps = 4 * levels;
  const auto blocks_of = [&](int level) { return ceil_div(channels[static_cast<std::size_t>(level)], block); };
  const auto map = [&](int blocks, int level) {
    return View::of(block, blocks, images, size.height >> level, size.width >> level, around);
  };
  for (int level = 0; level < levels; ++level) {
    MiganMaps& m = maps[static_cast<std::size_t>(level)];
    const int next = std::min(level + 1, last), own = blocks_of(level), below = blocks_of(next);
    const int height = size.height >> level, width = size.width >> level;
    const int next_height = size.height >> next, next_width = size.width >> next;
    m.encoder[0] = tile(own, own, height, width);
    m.encoder[1] = tile(own, below, next_height, next_width);
    m.synthesis[0] = tile(below, own, next_height, next_width);
    m.synthesis[1] = tile(own, own, height, width);
    const int encode = 2 * level, synthesis = 2 * levels + 2 * (last - level);
    tensors_.add(m.skip, map(own, level), encode, synthesis + 1);
    tensors_.add(m.encoded, map(below, next), encode + 1, level < last ? encode + 2 : synthesis);
    tensors_.add(m.mixed, map(own, next), synthesis, synthesis + 1);
    if (level == 0) continue;
    tensors_.add(m.result, map(own, level), synthesis + 1, synthesis + 2);
    tensors_.add(m.colours, map(1, level), synthesis + 1, synthesis + 3);
  }
  stride_ = rows_ + full_ + noise_ + packed_ + mixed_ + output_;
  tensors_.add(scratch_, stride_ * threads, 0, steps - 1);
  arena_floats_ = tensors_.place(steps);
}

TileSize MiganPlan::tile(int inputs, int outputs, int height, int width) {
  const int columns = std::min(tile_columns_max, width);
  const int share = std::max(1, height * images / threads_);  // small maps are shared out, too
  const int rows = std::min({std::max(1, tile_floats / (inputs * block_ * columns)), share, height});
  // A layer that halves reads twice as many rows and columns and two more; other layers read a margin.
  const Stride wide = 2 * static_cast<Stride>(columns) + 6, high = 2 * static_cast<Stride>(rows) + 4;
  const Stride pixels = odd_lines(static_cast<Stride>(rows) * columns * block_);
  rows_ = std::max(rows_, odd_lines(high * wide * block_));
  full_ = std::max(full_, odd_lines(high * wide * block_));
  noise_ = std::max(noise_, odd_lines(high * wide));
  packed_ = std::max(packed_, odd_lines(high * wide * 4));
  mixed_ = std::max(mixed_, inputs * pixels);
  output_ = std::max(output_, outputs * pixels);
  return {rows, columns};
}

MiganScratch MiganPlan::scratch(int worker) const {
  float* at = scratch_ + worker * stride_;
  const auto next = [&at](Stride floats) {
    float* part = at;
    at += floats;
    return part;
  };
  return {next(rows_), next(full_), next(noise_), next(packed_), next(mixed_), next(output_)};
}

}  // namespace inpaintd::cpu
