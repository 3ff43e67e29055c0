// SPDX-License-Identifier: Apache-2.0
// The layers but for Winograd's (winograd_stage.cpp): each is cut into units of about 96 pixels, and every unit is one
// call of the matrix product of kernels/gemm.h or of a Fourier transform.
#include "models/cpu/stages.h"

#include <algorithm>
#include <cstring>

namespace inpaintd::cpu {
namespace {

constexpr int pixels_per_unit = 96;  // a multiple of the tiles of gemm.h; the activations of a unit stay in L2

/// Fills in the offset of every (tap, channel block), in the order of PackedConv's k.
void fill_offsets(std::vector<Stride>& offsets, std::span<const Tap> taps, const View& in) {
  offsets.clear();
  for (const Tap tap : taps)
    for (int block = 0; block < in.blocks; ++block)
      offsets.push_back(block * in.plane + tap.y * in.row + static_cast<Stride>(tap.x) * in.pixel);
}

/// A window cut into pieces of about pixels_per_unit pixels: segments of rows, or several rows if they are short.
struct Grid {
  Window window;
  int images;
  int segments;
  int rows;  ///< of a piece

  Grid(const Window& w, int images)
      : window(w),
        images(images),
        segments(std::max(1, (w.x1 - w.x0) / pixels_per_unit)),
        rows(std::max(1, pixels_per_unit / std::max(1, w.x1 - w.x0))) {}

  [[nodiscard]] int row_groups() const { return ceil_div(window.y1 - window.y0, rows); }
  [[nodiscard]] int units() const { return images * row_groups() * segments; }
  [[nodiscard]] double pixels() const {
    return static_cast<double>(images) * (window.y1 - window.y0) * (window.x1 - window.x0);
  }
  [[nodiscard]] int image(int unit) const { return unit / (row_groups() * segments); }
  [[nodiscard]] Window piece(int unit) const {
    const int segment = unit % segments;
    const int y0 = window.y0 + unit / segments % row_groups() * rows;
    const int columns = window.x1 - window.x0;
    return {y0, std::min(y0 + rows, window.y1), window.x0 + columns * segment / segments,
            window.x0 + columns * (segment + 1) / segments};
  }
};

void copy_pixels(const View& v, int image, int to_y, int to_x, int y, int x, int count) {
  for (int b = 0; b < v.blocks; ++b)
    std::memcpy(v.at(b, image, to_y, to_x), v.at(b, image, y, x),
                static_cast<std::size_t>(count * v.pixel) * sizeof(float));
}

void zero_pixels(const View& v, int image, int y, int x, int count) {
  for (int b = 0; b < v.blocks; ++b)
    std::memset(v.at(b, image, y, x), 0, static_cast<std::size_t>(count * v.pixel) * sizeof(float));
}

void reflect_piece(const View& v, int image, const Window& p) {
  const int before = v.halo.before;
  const int after = v.halo.after;
  for (int y = p.y0; y < p.y1; ++y) {
    if (p.x0 == 0)
      for (int x = 1; x <= before; ++x) copy_pixels(v, image, y, -x, y, x, 1);
    if (p.x1 == v.width)
      for (int x = 1; x <= after; ++x) copy_pixels(v, image, y, v.width - 1 + x, y, v.width - 1 - x, 1);
    const int begin = p.x0 == 0 ? -before : p.x0;
    const int end = p.x1 == v.width ? v.width + after : p.x1;
    if (y >= 1 && y <= before) copy_pixels(v, image, -y, begin, y, begin, end - begin);
    const int mirror = v.height - 1 - y;
    if (mirror >= 1 && mirror <= after) copy_pixels(v, image, v.height - 1 + mirror, begin, y, begin, end - begin);
  }
}

void zero_piece(const View& v, int image, const Window& p) {
  const int after = p.x1 == v.width ? v.halo.after : 0;
  for (int y = p.y0; y < p.y1; ++y) zero_pixels(v, image, y, v.width, after);
  if (p.y1 == v.height)
    for (int y = 0; y < v.halo.after; ++y) zero_pixels(v, image, v.height + y, p.x0, p.x1 - p.x0 + after);
}

/// Extends a finished piece into the halo; every halo pixel belongs to exactly one piece, while that is still in cache.
/// A piece at the left or right end must be wider than the halo, which Grid's are from 16 pixels up.
void fill_halo(const View& v, int image, const Window& piece) {
  if (v.halo.kind == Halo::Kind::reflect) reflect_piece(v, image, piece);
  if (v.halo.kind == Halo::Kind::zero) zero_piece(v, image, piece);
}

/// Fills in weights, bias, ReLU and output of a convolution whose results are the pixels of `piece`.
void set_convolution(GemmArgs& g, const PackedConv& w, const View& out, int image, const Window& piece) {
  g.k_blocks = g.b_blocks = w.k_blocks;
  g.b = w.weights;
  g.c = out.at(0, image, piece.y0, piece.x0);
  g.c_row = out.row;
  g.c_pixel = out.pixel;
  g.c_plane = out.plane;
  g.rows = piece.y1 - piece.y0;
  g.columns = piece.x1 - piece.x0;
  g.n_blocks = w.n_blocks;
  g.bias = w.bias;
  g.relu = true;
}

constexpr Tap square_taps[] = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 0}, {0, 1}, {1, -1}, {1, 0}, {1, 1}};
constexpr Tap column_taps[] = {{-3, 0}, {-2, 0}, {-1, 0}, {0, 0}, {1, 0}, {2, 0}, {3, 0}};

}  // namespace

std::vector<Tap> up_input_taps(int parity) {
  std::vector<Tap> taps;
  for (int y = 0; y <= parity / 2; ++y)
    for (int x = 0; x <= parity % 2; ++x) taps.push_back({y, x});
  return taps;
}

std::vector<Tap> up_kernel_taps(int parity) {
  std::vector<Tap> taps;
  for (const Tap tap : up_input_taps(parity))
    taps.push_back({parity / 2 ? 2 - 2 * tap.y : 1, parity % 2 ? 2 - 2 * tap.x : 1});
  return taps;
}

void Stages::first(const PackedConv& w, const float* packed, const View& out) {
  const Stride row = (static_cast<Stride>(out.width) + 8) * 4;
  offsets_[0].clear();
  for (int y = 0; y < 7; ++y)
    for (int x = 0; x < 32; x += kernels_.width) offsets_[0].push_back(y * row + x);
  const Grid grid(whole(out), out.images);
  run(LayerClass::first, flops(w, grid.pixels()), grid.units(), [&](int unit, int) {
    const Window piece = grid.piece(unit);
    const int image = grid.image(unit);
    GemmArgs g{packed + image * row * (out.height + 6) + piece.y0 * row + 4 * piece.x0, row, 4};
    g.k_offset = offsets_[0].data();
    set_convolution(g, w, out, image, piece);
    kernels_.gemm(g);
    fill_halo(out, image, piece);
  });
}

void Stages::down(const PackedConv& w, const View& in, const View& out) {
  fill_offsets(offsets_[0], square_taps, in);
  const Grid grid(whole(out), out.images);
  run(LayerClass::down, flops(w, grid.pixels()), grid.units(), [&](int unit, int) {
    const Window piece = grid.piece(unit);
    const int image = grid.image(unit);
    GemmArgs g{in.at(0, image, 2 * piece.y0, 2 * piece.x0), 2 * in.row, 2 * in.pixel};
    g.k_offset = offsets_[0].data();
    set_convolution(g, w, out, image, piece);
    kernels_.gemm(g);
    fill_halo(out, image, piece);
  });
}

void Stages::pointwise(LayerClass layer, const PackedConv& w, const View& in, const View& out,
                       const Epilogue& epilogue) {
  constexpr Tap centre[] = {{0, 0}};
  fill_offsets(offsets_[0], centre, in);
  const int pixels = in.images * in.height * in.width;  // no halo: all images are one row
  run(layer, flops(w, pixels), ceil_div(pixels, pixels_per_unit), [&](int unit, int) {
    const Stride at = static_cast<Stride>(unit) * pixels_per_unit * in.pixel;
    GemmArgs g{in.data + at, 0, in.pixel, offsets_[0].data(), w.k_blocks, w.weights, w.k_blocks};
    g.c = out.data + at;
    g.c_pixel = out.pixel;
    g.c_plane = out.plane;
    g.columns = std::min(pixels_per_unit, pixels - unit * pixels_per_unit);
    g.n_blocks = w.n_blocks;
    g.bias = w.bias;
    g.bias_scale = epilogue.bias_scale;
    g.relu = epilogue.relu;
    g.add = epilogue.add ? epilogue.add->data + at : nullptr;
    kernels_.gemm(g);
  });
}

void Stages::spectrum_forward(const View& in, const View& spectrum, float scale, const FftPlan& along_height,
                              const FftPlan& along_width, const Workspace& work) {
  run(LayerClass::fft, 0, in.images * in.blocks, [&](int unit, int worker) {
    const int block = unit / in.images;
    const int image = unit % in.images;
    kernels_.spectrum_forward({&along_width.fft(), &along_height.fft(), in.at(block, image, 0, 0),
                               spectrum.at(2 * block, image, 0, 0), spectrum.at(2 * block + 1, image, 0, 0), scale,
                               work.scratch + worker * work.scratch_stride});
  });
}

void Stages::spectrum_inverse(const View& spectrum, const View& out, const FftPlan& along_height,
                              const FftPlan& along_width, const Workspace& work) {
  run(LayerClass::fft, 0, out.images * out.blocks, [&](int unit, int worker) {
    const int block = unit / out.images;
    const int image = unit % out.images;
    kernels_.spectrum_inverse({&along_width.fft(), &along_height.fft(), out.at(block, image, 0, 0),
                               spectrum.at(2 * block, image, 0, 0), spectrum.at(2 * block + 1, image, 0, 0), 1,
                               work.scratch + worker * work.scratch_stride});
  });
}

void Stages::up(const PackedUp& w, const View& in, const Window& window, const View& out) {
  for (int parity = 0; parity < 4; ++parity) fill_offsets(offsets_[parity], up_input_taps(parity), in);
  const Grid grid(window, in.images);
  double work = 0;
  for (const PackedConv& part : w.parity) work += flops(part, grid.pixels());
  run(LayerClass::up, work, grid.units(), [&](int unit, int) {
    const Window piece = grid.piece(unit);
    const int image = grid.image(unit);
    for (int parity = 0; parity < 4; ++parity) {
      const PackedConv& part = w.parity[parity];
      GemmArgs g{in.at(0, image, piece.y0, piece.x0), in.row, in.pixel, offsets_[parity].data()};
      set_convolution(g, part, out, image, piece);
      g.c = out.at(0, image, 2 * piece.y0 + parity / 2, 2 * piece.x0 + parity % 2);
      g.c_row *= 2;
      g.c_pixel *= 2;
      kernels_.gemm(g);
    }
    fill_halo(out, image, {2 * piece.y0, 2 * piece.y1, 2 * piece.x0, 2 * piece.x1});
  });
}

Stride Stages::last_scratch_floats(int width, int block) {
  return odd_lines((static_cast<Stride>(width) + 6) * block) * ceil_div(21, block) + 3 * static_cast<Stride>(width) +
         block;
}

void Stages::prepare_last(const View& in) { fill_offsets(offsets_[0], column_taps, in); }

const float* Stages::last_row(const PackedConv& w, const float* bias, const View& in, int image, int y,
                              const Window& window, float* scratch) const {
  const int columns = window.x1 - window.x0 + 6;
  const Stride plane = odd_lines(static_cast<Stride>(columns) * in.pixel);
  for (int x = 0; x < columns; x += pixels_per_unit) {
    GemmArgs g{
        in.at(0, image, y, window.x0 - 3 + x), 0, in.pixel, offsets_[0].data(), w.k_blocks, w.weights, w.k_blocks};
    g.c = scratch + static_cast<Stride>(x) * in.pixel;
    g.c_pixel = in.pixel;
    g.c_plane = plane;
    g.columns = std::min(pixels_per_unit, columns - x);
    g.n_blocks = w.n_blocks;
    kernels_.gemm(g);
  }
  float* row = scratch + plane * w.n_blocks;
  kernels_.finish({scratch, plane, columns - 6, bias, row});
  return row;
}

void Stages::zero_halo(const View& v) {
  for (int image = 0; image < v.images; ++image) zero_piece(v, image, whole(v));
}

}  // namespace inpaintd::cpu
