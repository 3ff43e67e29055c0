// SPDX-License-Identifier: Apache-2.0
// The 3x3 convolutions of the FFC layers by Winograd's algorithm (kernels/winograd.h): tiles to 36 points, 36 matrix
// products, points back to tiles. The loops below keep the points of each step in L3.
#include <algorithm>

#include "models/cpu/stages.h"

namespace inpaintd::cpu {
namespace {

constexpr int tiles_per_unit = 72;       // a multiple of the tiles of gemm.h; the activations of a unit stay in L2
constexpr int channels_per_group = 128;  // whose points are in the buffers at the same time
constexpr int tiles_per_round = 256;     // more would outgrow L3; fewer would read the weights more often

}  // namespace

int Stages::winograd_rows(const View& in) {
  const int all = in.images * ceil_div(in.height, 4);
  const int wanted = std::max(1, tiles_per_round / ceil_div(in.width, 4));
  return ceil_div(all, ceil_div(all, wanted));  // rounds of equal size
}

/// Consecutive rows of tiles, counted over all images of the batch, that one pass of winograd() computes.
struct Stages::Round {
  int first_row = 0;
  int rows = 0;
  int tiles_x = 0;
  int tiles_y = 0;   ///< of one image
  int group = 0;     ///< channel blocks that the buffers hold; even, because a panel of weights has two blocks
  Stride plane = 0;  ///< from one channel block to the next in the buffers of points
  Stride point = 0;  ///< from one of the 36 points to the next

  Round(const View& in, int locals, int first_row, int rows)
      : first_row(first_row), rows(rows), tiles_x(ceil_div(in.width, 4)), tiles_y(ceil_div(in.height, 4)) {
    group = (std::max(locals, channels_per_group / in.pixel) + 1) / 2 * 2;
    plane = odd_lines(static_cast<Stride>(tiles()) * in.pixel);
    point = odd_lines(plane * group);
  }
  [[nodiscard]] int tiles() const { return rows * tiles_x; }
  [[nodiscard]] int image(int row) const { return (first_row + row) / tiles_y; }
  [[nodiscard]] int tile_y(int row) const { return (first_row + row) % tiles_y; }
  [[nodiscard]] Stride at(int block, int row, int pixel) const {
    return block * plane + static_cast<Stride>(row) * tiles_x * pixel;
  }
};

Stride Stages::winograd_floats(const View& in, int locals) {
  return 36 * Round(in, locals, 0, winograd_rows(in)).point;
}

/// Both convolutions use two buffers of one group of channels each, small enough to stay in L3. The points of the local
/// channels are read by both convolutions; then the points of the global channels replace them, group by group.
void Stages::winograd(const PackedWinograd& to_local, const PackedWinograd& local_to_global, const View& in,
                      const View& add, const View* residual, const View& out, const Workspace& work) {
  const int all = in.images * ceil_div(in.height, 4);
  const int step = winograd_rows(in);
  const int locals = to_local.n_blocks;
  for (int row = 0; row < all; row += step) {
    const Round round(in, locals, row, std::min(step, all - row));
    to_points(round, in.channels(0, locals), work);
    for (int begin = 0; begin < add.blocks; begin += round.group) {
      const int count = std::min(round.group, add.blocks - begin);
      products(round, local_to_global, {.n_begin = begin, .n_count = count, .k_count = locals}, work);
      const View added = add.channels(begin, count);
      const View rest = residual ? residual->channels(locals + begin, count) : View{};
      from_points(round, local_to_global.bias + begin * in.pixel, &added, residual ? &rest : nullptr,
                  out.channels(locals + begin, count), work);
    }
    products(round, to_local, {.n_count = locals, .k_count = locals}, work);
    for (int begin = locals; begin < in.blocks; begin += round.group) {
      const int count = std::min(round.group, in.blocks - begin);
      to_points(round, in.channels(begin, count), work);
      products(round, to_local, {.n_count = locals, .k_begin = begin, .k_count = count}, work);
    }
    from_points(round, to_local.bias, nullptr, residual, out.channels(0, locals), work);
  }
}

void Stages::to_points(const Round& r, const View& in, const Workspace& work) {
  run(LayerClass::winograd_in, 0, r.rows * in.blocks, [&](int unit, int) {
    const int row = unit % r.rows;
    const int block = unit / r.rows;
    kernels_.winograd_input({in.at(block, r.image(row), 0, 0), in.row, in.height, in.width, r.tile_y(row), r.tiles_x,
                             work.points_in + r.at(block, row, in.pixel), r.point});
  });
}

void Stages::products(const Round& r, const PackedWinograd& w, const Part& part, const Workspace& work) {
  const int pixel = kernels_.width;
  offsets_[0].clear();
  for (int block = 0; block < part.k_count; ++block) offsets_[0].push_back(block * r.plane);
  const int pieces = ceil_div(r.tiles(), tiles_per_unit);
  const double flops = 2.0 * 36 * r.tiles() * pixel * pixel * part.k_count * part.n_count;
  run(LayerClass::winograd_gemm, flops, 36 * pieces, [&](int unit, int) {
    const int point = unit / pieces;
    const int tile = unit % pieces * tiles_per_unit;
    GemmArgs g{work.points_in + point * r.point + static_cast<Stride>(tile) * pixel, 0, pixel};
    g.k_offset = offsets_[0].data();
    g.k_blocks = part.k_count;
    g.b = w.weights + point * w.point + static_cast<Stride>(part.n_begin) * pixel * w.k_blocks * pixel;
    g.b_blocks = w.k_blocks;
    g.b_begin = part.k_begin;
    g.accumulate = part.k_begin > 0;
    g.c = work.points_out + point * r.point + static_cast<Stride>(tile) * pixel;
    g.c_pixel = pixel;
    g.c_plane = r.plane;
    g.columns = std::min(tiles_per_unit, r.tiles() - tile);
    g.n_blocks = part.n_count;
    kernels_.gemm(g);
  });
}

void Stages::from_points(const Round& r, const float* bias, const View* add, const View* residual, const View& out,
                         const Workspace& work) {
  run(LayerClass::winograd_out, 0, r.rows * out.blocks, [&](int unit, int) {
    const int row = unit % r.rows;
    const int image = r.image(row);
    const int block = unit / r.rows;
    WinogradOutput w{work.points_out + r.at(block, row, out.pixel), r.point, bias + block * out.pixel};
    w.add = add ? add->at(block, image, 0, 0) : nullptr;
    w.residual = residual ? residual->at(block, image, 0, 0) : nullptr;
    w.y = out.at(block, image, 0, 0);
    w.add_row = add ? add->row : 0;
    w.residual_row = residual ? residual->row : 0;
    w.y_row = out.row;
    w.height = out.height;
    w.width = out.width;
    w.tile_y = r.tile_y(row);
    w.tiles = r.tiles_x;
    kernels_.winograd_output(w);
  });
}

}  // namespace inpaintd::cpu
