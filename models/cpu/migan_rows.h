// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "core/network_input.h"
#include "models/cpu/forward.h"
#include "models/cpu/kernels/kernels.h"
#include "models/cpu/layout.h"
#include "models/cpu/migan_plan.h"

/// The three sources of the rows that MI-GAN's 3x3 convolutions read. A source has the size of its map; start_tile()
/// names the pixels that the convolutions compute, start_block() the block of channels, and row(y) is then row y from
/// the window's first column on. Rows and columns next to the window can be read too; beyond the map they are zero.
namespace inpaintd::cpu {

inline Window clipped(const Window& w, int height, int width) {
  return {std::max(w.y0, 0), std::min(w.y1, height), std::max(w.x0, 0), std::min(w.x1, width)};
}

inline Window grown(const Window& w, int by) { return {w.y0 - by, w.y1 + by, w.x0 - by, w.x1 + by}; }

/// The noise of a layer, [side][side], which repeats over larger maps; or none.
struct Noise {
  std::vector<float> values;
  int side = 0;

  /// Writes columns [x0, x1) of row y.
  void row(int y, int x0, int x1, float* to) const {
    const float* from = values.data() + static_cast<std::size_t>(y % side) * static_cast<std::size_t>(side);
    for (int x = x0; x < x1; ++x) *to++ = from[x % side];
  }
};

/// The rows of a map as they are.
class MapRows {
 public:
  explicit MapRows(const View& in) : in_(in) {}
  [[nodiscard]] int height() const { return in_.height; }
  [[nodiscard]] int width() const { return in_.width; }
  void start_tile(int image, const Window& window, const MiganScratch& /*s*/) {
    image_ = image;
    x0_ = window.x0;
  }
  void start_block(int block) { block_ = block; }
  [[nodiscard]] const float* row(int y) const { return in_.at(block_, image_, y, x0_); }

 private:
  const View& in_;
  int image_ = 0, x0_ = 0, block_ = 0;
};

/// The rows after the first layer, made from the picture and its mask.
class RgbRows {
 public:
  /// `weights` are [blocks][4][block], `bias` [blocks][block].
  RgbRows(const Kernels& kernels, const float* weights, const float* bias, std::span<const Source> sources, Size size)
      : kernels_(kernels), weights_(weights), bias_(bias), sources_(sources), size_(size) {}
  [[nodiscard]] int height() const { return size_.height; }
  [[nodiscard]] int width() const { return size_.width; }

  void start_tile(int image, const Window& window, const MiganScratch& s) {
    window_ = window;
    inside_ = clipped(grown(window, 1), size_.height, size_.width);
    packed_ = s.packed;
    rows_ = s.rows;
    stride_ = static_cast<Stride>(window.x1 - window.x0 + 2) * kernels_.width;
    const Source& source = sources_[static_cast<std::size_t>(image)];
    clear_edges();
    float* to = packed_;
    for (int y = inside_.y0; y < inside_.y1; ++y) {
      const std::size_t at = static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width);
      for (int x = inside_.x0; x < inside_.x1; ++x, to += 4) {
        const std::size_t pixel = at + static_cast<std::size_t>(x);
        const float known = source.mask[pixel] > hole_above ? 0.0F : 1.0F;
        to[0] = known - 0.5F;
        for (std::size_t c = 0; c < 3; ++c)
          to[c + 1] = (static_cast<float>(source.image[3 * pixel + c]) * (2 / 255.0F) - 1.0F) * known;
      }
    }
  }

  void start_block(int block) {
    const int pixel = kernels_.width, columns = inside_.x1 - inside_.x0;
    for (int y = inside_.y0; y < inside_.y1; ++y)
      kernels_.from_rgb({packed_ + 4 * static_cast<Stride>(y - inside_.y0) * columns,
                         weights_ + 4 * static_cast<Stride>(block) * pixel, bias_ + static_cast<Stride>(block) * pixel,
                         at(y, inside_.x0), columns});
  }
  [[nodiscard]] const float* row(int y) const { return at(y, window_.x0); }

 private:
  /// Beyond the picture's edge there are zeros, which no block overwrites.
  void clear_edges() {
    const Stride rows = window_.y1 - window_.y0 + 2;
    std::memset(rows_, 0, static_cast<std::size_t>(rows * stride_) * sizeof(float));
  }
  [[nodiscard]] float* at(int y, int x) const {
    return rows_ + (y - window_.y0 + 1) * stride_ + static_cast<Stride>(x - window_.x0 + 1) * kernels_.width;
  }

  const Kernels& kernels_;
  const float* weights_;
  const float* bias_;
  std::span<const Source> sources_;
  Size size_;
  Window window_, inside_;
  float* packed_ = nullptr;
  float* rows_ = nullptr;
  Stride stride_ = 0;
};

/// The rows of the synthesis' first layer: a map of half the resolution doubled, with noise, activated, and the skip
/// added.
class DoubledRows {
 public:
  DoubledRows(const Kernels& kernels, const Noise& noise, const View& low, const View& skip)
      : kernels_(kernels), noise_(noise), low_(low), skip_(skip) {}
  [[nodiscard]] int height() const { return skip_.height; }
  [[nodiscard]] int width() const { return skip_.width; }

  /// The window's columns are even.
  void start_tile(int image, const Window& window, const MiganScratch& s) {
    image_ = image;
    window_ = window;
    low_x0_ = std::max(window.x0 / 2 - 1, 0);
    low_x1_ = std::min(window.x1 / 2 + 1, low_.width);
    rows_ = s.rows;
    noise_rows_ = s.noise;
    stride_ = static_cast<Stride>(window.x1 - window.x0 + 4) * low_.pixel;
    clear_edges();
    if (noise_.values.empty()) return;
    for (int y = first_row(); y < end_row(); ++y) noise_.row(y, 2 * low_x0_, 2 * low_x1_, noise_at(y));
  }

  void start_block(int block) {
    for (int y = first_row(); y < end_row(); ++y)
      kernels_.double_row({low_.at(block, image_, y / 2, low_x0_),
                           low_.at(block, image_, y % 2 ? y / 2 + 1 : y / 2 - 1, low_x0_),
                           noise_.values.empty() ? nullptr : noise_at(y), skip_.at(block, image_, y, 2 * low_x0_), true,
                           at(y, 2 * low_x0_), low_x1_ - low_x0_});
  }
  [[nodiscard]] const float* row(int y) const { return at(y, window_.x0); }

 private:
  [[nodiscard]] int first_row() const { return std::max(window_.y0 - 1, 0); }
  [[nodiscard]] int end_row() const { return std::min(window_.y1 + 1, skip_.height); }
  [[nodiscard]] float* noise_at(int y) const {
    return noise_rows_ + static_cast<Stride>(y - first_row()) * 2 * (low_x1_ - low_x0_);
  }
  [[nodiscard]] float* at(int y, int x) const {
    return rows_ + (y - window_.y0 + 1) * stride_ + static_cast<Stride>(x - window_.x0 + 2) * low_.pixel;
  }
  /// Beyond the map's edge there are zeros, which no block overwrites.
  void clear_edges() {
    const Stride rows = window_.y1 - window_.y0 + 2;
    std::memset(rows_, 0, static_cast<std::size_t>(rows * stride_) * sizeof(float));
  }

  const Kernels& kernels_;
  const Noise& noise_;
  const View& low_;
  const View& skip_;
  int image_ = 0, low_x0_ = 0, low_x1_ = 0;
  Window window_;
  float* rows_ = nullptr;
  float* noise_rows_ = nullptr;
  Stride stride_ = 0;
};

}  // namespace inpaintd::cpu
