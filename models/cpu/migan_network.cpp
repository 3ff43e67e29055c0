// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/migan_network.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

#include "core/network_input.h"
#include "models/cpu/tensor_table.h"

namespace inpaintd::cpu {
namespace {

constexpr Halo around{Halo::Kind::zero, 1, 1};
constexpr int tile_columns_max = 96;    // a multiple of the tiles of kernels/gemm.h
constexpr int tile_floats = 64 * 1024;  // the input of a tile's matrix product: 256 KiB stay in L2
constexpr Tap centre_tap[] = {{0, 0}};

/// Sets the halo of one pixel to zero: the layers pad with zeros.
void zero_border(const View& v) {
  const auto clear = [](float* at, Stride floats) {
    std::memset(at, 0, static_cast<std::size_t>(floats) * sizeof(float));
  };
  for (int block = 0; block < v.blocks; ++block)
    for (int image = 0; image < v.images; ++image) {
      clear(v.at(block, image, -1, -1), v.row);
      clear(v.at(block, image, v.height, -1), v.row);
      for (int y = 0; y < v.height; ++y) {
        clear(v.at(block, image, y, -1), v.pixel);
        clear(v.at(block, image, y, v.width), v.pixel);
      }
    }
}

Window clipped(const Window& w, int height, int width) {
  return {std::max(w.y0, 0), std::min(w.y1, height), std::max(w.x0, 0), std::min(w.x1, width)};
}

Window grown(const Window& w, int by) { return {w.y0 - by, w.y1 + by, w.x0 - by, w.x1 + by}; }

/// The smallest window with even sides around `w`.
Window even(const Window& w) { return {w.y0 / 2 * 2, (w.y1 + 1) / 2 * 2, w.x0 / 2 * 2, (w.x1 + 1) / 2 * 2}; }

/// Rows and columns of a layer's tiles, for an input of `blocks` channel blocks.
struct TileSize {
  int rows;
  int columns;
};

TileSize tile_size(int blocks, int pixel, int height, int width, int images, int threads) {
  // Even, because doubled rows start at even columns.
  const int columns = std::min(tile_columns_max, width);
  int rows = std::max(1, tile_floats / (blocks * pixel * columns));
  const int share = std::max(1, height * images / threads);  // small maps are shared out, too
  rows = std::min({rows, share, height});
  return {rows, columns};
}

/// Writes columns [x0, x1) of one row of the noise, which repeats.
void noise_row(const std::vector<float>& noise, int side, int y, int x0, int x1, float* to) {
  const float* from = noise.data() + static_cast<std::size_t>(y % side) * static_cast<std::size_t>(side);
  for (int x = x0; x < x1; ++x) *to++ = from[x % side];
}

}  // namespace

/// A part of a map that one thread works on. A layer that halves is described by its smaller result.
struct MiganNetwork::Tile {
  int image = 0;
  Window window;

  [[nodiscard]] int rows() const { return window.y1 - window.y0; }
  [[nodiscard]] int columns() const { return window.x1 - window.x0; }
};

/// The maps of one level.
struct MiganNetwork::Maps {
  View skip;     ///< the result of the encoder's first layer
  View encoded;  ///< the result of the encoder's second layer, at the next level's resolution
  View mixed;    ///< the synthesis' first layer, before doubling; at the last level its result with the skip added
  View result;   ///< the result of the synthesis; none at level 0
  View colours;  ///< the picture so far; none at level 0
};

struct MiganNetwork::Plan {
  Size size;
  int images = 0;
  std::vector<Maps> maps;
  TensorTable tensors;
  std::size_t arena_floats = 0;
  // Memory of each worker, and its parts in floats.
  float* scratch = nullptr;
  Stride scratch_stride = 0;
  Stride rows = 0, full = 0, mixed = 0, noise = 0, packed = 0, output = 0;

  /// The maps of all levels for a network of `channels`, and their places.
  Plan(const std::vector<int>& channels, int block, int threads, Size wanted, int count);
  void size_scratch(const std::vector<int>& channels, int block, int threads);
};

MiganNetwork::Plan::Plan(const std::vector<int>& channels, int block, int threads, Size wanted, int count)
    : size(wanted), images(count), maps(channels.size()) {
  const int levels = static_cast<int>(channels.size()), last = levels - 1, steps = 4 * levels;
  const auto map = [&](int count_of, int level) {
    return View::of(block, ceil_div(count_of, block), images, size.height >> level, size.width >> level, around);
  };
  size_scratch(channels, block, threads);
  tensors.add(scratch, scratch_stride * threads, 0, steps - 1);
  for (int level = 0; level < levels; ++level) {
    Maps& m = maps[static_cast<std::size_t>(level)];
    const int own = channels[static_cast<std::size_t>(level)], below = std::min(level + 1, last);
    const int encode = 2 * level, synthesis = 2 * levels + 2 * (last - level);
    tensors.add(m.skip, map(own, level), encode, synthesis + 1);
    tensors.add(m.encoded, map(channels[static_cast<std::size_t>(below)], below), encode + 1,
                level < last ? encode + 2 : synthesis);
    tensors.add(m.mixed, map(own, below), synthesis, synthesis + 1);
    if (level == 0) continue;
    tensors.add(m.result, map(own, level), synthesis + 1, synthesis + 2);
    tensors.add(m.colours, map(3, level), synthesis + 1, synthesis + 3);
  }
  arena_floats = tensors.place(steps);
}

void MiganNetwork::Plan::size_scratch(const std::vector<int>& channels, int block, int threads) {
  for (std::size_t level = 0; level < channels.size(); ++level) {
    const int blocks = ceil_div(channels[level], block);
    const int below = ceil_div(channels[std::min(level + 1, channels.size() - 1)], block);
    const int height = size.height >> level, width = size.width >> level;
    for (const int inputs : {blocks, below}) {
      const auto [tile_rows, columns] = tile_size(inputs, block, height, width, images, threads);
      // A layer that halves reads twice as many rows and columns, and two more.
      const Stride wide = 2 * static_cast<Stride>(columns) + 6, high = 2 * static_cast<Stride>(tile_rows) + 4;
      rows = std::max(rows, odd_lines(high * wide * block));
      full = std::max(full, odd_lines(high * wide * block));
      noise = std::max(noise, odd_lines(high * wide));
      packed = std::max(packed, odd_lines(high * wide * 4));
      mixed = std::max(mixed, inputs * odd_lines(static_cast<Stride>(tile_rows) * columns * block));
      output = std::max(output, (blocks + 1) * odd_lines(static_cast<Stride>(tile_rows) * columns * block));
    }
  }
  scratch_stride = rows + full + noise + packed + mixed + output;
}

/// The memory of one worker, used within one tile.
struct MiganNetwork::Scratch {
  float* rows;    ///< the input of the 3x3 convolutions, for one block
  float* full;    ///< their result before halving, for one block
  float* noise;   ///< the rows of the noise
  float* packed;  ///< the network's input
  float* mixed;   ///< the input of the matrix product
  float* output;  ///< its result where no map holds it, and the colours
};

MiganNetwork::Scratch MiganNetwork::scratch(int worker) const {
  const Plan& p = *plan_;
  float* at = p.scratch + worker * p.scratch_stride;
  const auto next = [&at](Stride floats) {
    float* part = at;
    at += floats;
    return part;
  };
  return {next(p.rows), next(p.full), next(p.noise), next(p.packed), next(p.mixed), next(p.output)};
}

/// Where the result of a matrix product goes: a map, or the worker's own memory.
struct MiganNetwork::Output {
  const View* map = nullptr;  ///< or nullptr
  int blocks = 0;
  Stride own_plane = 0;  ///< of one block in the worker's own memory
  int pixel = 0;         ///< floats of a pixel there

  [[nodiscard]] float* at(int block, const Tile& tile, int y, const Scratch& s) const {
    if (map) return map->at(block, tile.image, y, tile.window.x0);
    return s.output + block * own_plane + static_cast<Stride>(y - tile.window.y0) * row(tile);
  }
  [[nodiscard]] Stride row(const Tile& tile) const {
    return map ? map->row : static_cast<Stride>(tile.columns()) * pixel;
  }
  [[nodiscard]] Stride plane() const { return map ? map->plane : own_plane; }
};

/// The rows of a map as they are.
class MiganNetwork::MapRows {
 public:
  explicit MapRows(const View& in) : in_(in) {}
  [[nodiscard]] int height() const { return in_.height; }
  [[nodiscard]] int width() const { return in_.width; }
  void start_tile(int image, const Window& window, const Scratch& /*s*/) {
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
class MiganNetwork::RgbRows {
 public:
  RgbRows(const MiganNetwork& network, std::span<const Source> sources, Size size)
      : network_(network), sources_(sources), size_(size) {}
  [[nodiscard]] int height() const { return size_.height; }
  [[nodiscard]] int width() const { return size_.width; }

  void start_tile(int image, const Window& window, const Scratch& s) {
    window_ = window;
    inside_ = clipped(grown(window, 1), size_.height, size_.width);
    packed_ = s.packed;
    rows_ = s.rows;
    stride_ = static_cast<Stride>(window.x1 - window.x0 + 2) * network_.kernels_.width;
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
    const int pixel = network_.kernels_.width, columns = inside_.x1 - inside_.x0;
    for (int y = inside_.y0; y < inside_.y1; ++y)
      network_.kernels_.from_rgb({packed_ + 4 * static_cast<Stride>(y - inside_.y0) * columns,
                                  network_.from_rgb_ + 4 * static_cast<Stride>(block) * pixel,
                                  network_.from_bias_ + static_cast<Stride>(block) * pixel, at(y, inside_.x0),
                                  columns});
  }
  [[nodiscard]] const float* row(int y) const { return at(y, window_.x0); }

 private:
  /// Beyond the picture's edge there are zeros, which no block overwrites.
  void clear_edges() {
    const Stride rows = window_.y1 - window_.y0 + 2;
    std::memset(rows_, 0, static_cast<std::size_t>(rows * stride_) * sizeof(float));
  }
  [[nodiscard]] float* at(int y, int x) const {
    return rows_ + (y - window_.y0 + 1) * stride_ + static_cast<Stride>(x - window_.x0 + 1) * network_.kernels_.width;
  }

  const MiganNetwork& network_;
  std::span<const Source> sources_;
  Size size_;
  Window window_, inside_;
  float* packed_ = nullptr;
  float* rows_ = nullptr;
  Stride stride_ = 0;
};

/// The rows of the synthesis' first layer: a map of half the resolution doubled, with noise, activated, and the skip
/// added.
class MiganNetwork::DoubledRows {
 public:
  DoubledRows(const MiganNetwork& network, const Layer& layer, const View& low, const View& skip)
      : network_(network), layer_(layer), low_(low), skip_(skip) {}
  [[nodiscard]] int height() const { return skip_.height; }
  [[nodiscard]] int width() const { return skip_.width; }

  /// The window's columns are even.
  void start_tile(int image, const Window& window, const Scratch& s) {
    image_ = image;
    window_ = window;
    low_x0_ = std::max(window.x0 / 2 - 1, 0);
    low_x1_ = std::min(window.x1 / 2 + 1, low_.width);
    rows_ = s.rows;
    noise_ = s.noise;
    stride_ = static_cast<Stride>(window.x1 - window.x0 + 4) * low_.pixel;
    clear_edges();
    if (layer_.noise.empty()) return;
    for (int y = first_row(); y < end_row(); ++y)
      noise_row(layer_.noise, layer_.side, y, 2 * low_x0_, 2 * low_x1_, noise_at(y));
  }

  void start_block(int block) {
    for (int y = first_row(); y < end_row(); ++y)
      network_.kernels_.double_row(
          {low_.at(block, image_, y / 2, low_x0_), low_.at(block, image_, y % 2 ? y / 2 + 1 : y / 2 - 1, low_x0_),
           layer_.noise.empty() ? nullptr : noise_at(y), skip_.at(block, image_, y, 2 * low_x0_), true,
           at(y, 2 * low_x0_), low_x1_ - low_x0_});
  }
  [[nodiscard]] const float* row(int y) const { return at(y, window_.x0); }

 private:
  [[nodiscard]] int first_row() const { return std::max(window_.y0 - 1, 0); }
  [[nodiscard]] int end_row() const { return std::min(window_.y1 + 1, skip_.height); }
  [[nodiscard]] float* noise_at(int y) const {
    return noise_ + static_cast<Stride>(y - first_row()) * 2 * (low_x1_ - low_x0_);
  }
  [[nodiscard]] float* at(int y, int x) const {
    return rows_ + (y - window_.y0 + 1) * stride_ + static_cast<Stride>(x - window_.x0 + 2) * low_.pixel;
  }
  /// Beyond the map's edge there are zeros, which no block overwrites.
  void clear_edges() {
    const Stride rows = window_.y1 - window_.y0 + 2;
    std::memset(rows_, 0, static_cast<std::size_t>(rows * stride_) * sizeof(float));
  }

  const MiganNetwork& network_;
  const Layer& layer_;
  const View& low_;
  const View& skip_;
  int image_ = 0, low_x0_ = 0, low_x1_ = 0;
  Window window_;
  float* rows_ = nullptr;
  float* noise_ = nullptr;
  Stride stride_ = 0;
};

MiganNetwork::~MiganNetwork() = default;

MiganNetwork::MiganNetwork(const FoldedMigan& model, const Kernels& kernels, Pool& pool)
    : kernels_(kernels), pool_(pool), stages_(kernels, pool), side_multiple_(0), channels_(model.shape.channels) {
  if (channels_.size() < 2) throw std::invalid_argument("the weights do not have the shape of a MI-GAN network");
  side_multiple_ = std::max(network_side_multiple, model.shape.side_multiple());
  Packer packer(kernels.width, store_, pool);
  from_rgb_ = per_channel(model.from_rgb, channels_[0], 4);
  from_bias_ = per_channel(model.from_bias, channels_[0], 1);
  for (const MiganLevel& level : model.levels) {
    Level packed;
    for (std::size_t i = 0; i < 2; ++i) {
      packed.encoder[i] = pack(level.encoder[i], level.side, packer);
      packed.synthesis[i] = pack(level.synthesis[i], level.side, packer);
    }
    const Convolution to_rgb{level.channels, 3, 1, 1, level.to_rgb, level.rgb_bias};
    packed.to_rgb = packer.conv(to_rgb, centre_tap, plain_channels(level.channels, kernels.width),
                                plain_channels(3, kernels.width));
    levels_.push_back(std::move(packed));
  }
}

/// Packs `count` numbers for each channel, [channels][count], as [blocks][count][block].
const float* MiganNetwork::per_channel(const std::vector<float>& values, int channels, int count) {
  const int block = kernels_.width, blocks = ceil_div(channels, block);
  float* packed = store_.take(static_cast<std::size_t>(blocks) * static_cast<std::size_t>(count * block));
  for (int channel = 0; channel < channels; ++channel)
    for (int i = 0; i < count; ++i)
      packed[(channel / block * count + i) * block + channel % block] =
          values[static_cast<std::size_t>(channel) * static_cast<std::size_t>(count) + static_cast<std::size_t>(i)];
  return packed;
}

MiganNetwork::Layer MiganNetwork::pack(const Separable& layer, int side, Packer& packer) {
  const int block = kernels_.width;
  const Convolution pointwise{layer.in, layer.out,       1,
                              1,        layer.pointwise, std::vector<float>(static_cast<std::size_t>(layer.out))};
  Layer packed{per_channel(layer.depthwise, layer.in, 9), per_channel(layer.bias, layer.in, 1),
               packer.conv(pointwise, centre_tap, plain_channels(layer.in, block), plain_channels(layer.out, block)),
               layer.noise, side};
  packed.pointwise.bias = nullptr;
  noise_bytes_ += layer.noise.size() * sizeof(float);
  return packed;
}

void MiganNetwork::prepare(Size size, int images) {
  if (plan_ && plan_->size == size && plan_->images == images) return;
  auto plan = std::make_unique<Plan>(channels_, kernels_.width, pool_.threads(), size, images);
  if (arena_.size() < plan->arena_floats) {
    release_memory();  // the old arena is freed first: there may be no memory for both
    arena_ = Buffer(plan->arena_floats);
  }
  plan->tensors.bind(arena_.data());
  plan_ = std::move(plan);
}

void MiganNetwork::release_memory() {
  plan_.reset();  // before the arena, into which the plan's views point
  arena_ = Buffer();
}

/// Fills the input of the matrix product of one tile, and multiplies.
template <class Rows>
void MiganNetwork::mix(const Layer& layer, Rows& rows, bool halve, const Tile& tile, const Scratch& s,
                       const Output& output) const {
  const int pixel = kernels_.width;
  const auto& [y0, y1, x0, x1] = tile.window;
  const Stride row = static_cast<Stride>(tile.columns()) * pixel;
  // The pixels of the 3x3 convolutions, which have twice the resolution if the layer halves.
  const Window reach = halve ? Window{2 * y0 - 1, 2 * y1 + 1, 2 * x0 - 1, 2 * x1 + 1} : tile.window;
  const Window inside = clipped(reach, rows.height(), rows.width());
  const Stride full_row = static_cast<Stride>(reach.x1 - reach.x0) * pixel;
  const int columns = inside.x1 - inside.x0;
  const bool cut = inside.y0 != reach.y0 || inside.y1 != reach.y1 || columns != reach.x1 - reach.x0;
  rows.start_tile(tile.image, inside, s);
  if (halve && cut)  // zeros beyond the map's edge, which no block overwrites
    std::memset(s.full, 0, static_cast<std::size_t>(full_row * (reach.y1 - reach.y0)) * sizeof(float));
  for (int block = 0; block < layer.pointwise.k_blocks; ++block) {
    rows.start_block(block);
    float* mixed = s.mixed + offsets_[static_cast<std::size_t>(block)];
    for (int y = inside.y0; y < inside.y1; ++y) {
      float* to = halve ? s.full + (y - reach.y0) * full_row + static_cast<Stride>(inside.x0 - reach.x0) * pixel
                        : mixed + (y - y0) * row;
      kernels_.depthwise({{rows.row(y - 1), rows.row(y), rows.row(y + 1)},
                          layer.depthwise + static_cast<Stride>(block) * 9 * pixel,
                          layer.bias + static_cast<Stride>(block) * pixel,
                          to,
                          columns});
    }
    for (int y = y0; halve && y < y1; ++y) {
      const float* top = s.full + 2 * static_cast<Stride>(y - y0) * full_row + pixel;
      kernels_.halve(
          {{top, top + full_row, top + 2 * full_row, top + 3 * full_row}, mixed + (y - y0) * row, tile.columns()});
    }
  }
  GemmArgs g{s.mixed,
             row,
             pixel,
             offsets_.data(),
             layer.pointwise.k_blocks,
             layer.pointwise.weights,
             layer.pointwise.k_blocks};
  g.c = output.at(0, tile, y0, s);
  g.c_row = output.row(tile);
  g.c_pixel = pixel;
  g.c_plane = output.plane();
  g.rows = tile.rows();
  g.columns = tile.columns();
  g.n_blocks = layer.pointwise.n_blocks;
  kernels_.gemm(g);
}

/// Adds noise, activates, and adds `add` if there is one, in place.
void MiganNetwork::activate(const Layer& layer, const View* add, const Tile& tile, const Scratch& s,
                            const Output& output) const {
  const auto& [y0, y1, x0, x1] = tile.window;
  for (int y = y0; y < y1; ++y) {
    if (!layer.noise.empty()) noise_row(layer.noise, layer.side, y, x0, x1, s.noise);
    for (int block = 0; block < output.blocks; ++block)
      kernels_.activate({output.at(block, tile, y, s), layer.noise.empty() ? nullptr : s.noise,
                         add ? add->at(block, tile.image, y, x0) : nullptr, tile.columns()});
  }
}

template <class Rows, class Finish>
void MiganNetwork::separable(LayerClass kind, const Layer& layer, const Rows& rows, bool halve, const Window& window,
                             int images, const Output& output, const Finish& finish) {
  const int pixel = kernels_.width, height = window.y1 - window.y0, width = window.x1 - window.x0;
  const auto [tile_rows, tile_columns] =
      tile_size(layer.pointwise.k_blocks, pixel, height, width, images, pool_.threads());
  const Stride plane = odd_lines(static_cast<Stride>(tile_rows) * tile_columns * pixel);
  offsets_.clear();
  for (int block = 0; block < layer.pointwise.k_blocks; ++block) offsets_.push_back(block * plane);
  const int across = ceil_div(width, tile_columns), down = ceil_div(height, tile_rows);
  const double work = 2.0 * layer.pointwise.k_blocks * pixel * layer.pointwise.n_blocks * pixel;
  if (output.map) zero_border(*output.map);
  stages_.run(kind, work * images * height * width, images * across * down, [&](int unit, int worker) {
    const int x = window.x0 + unit % across * tile_columns, y = window.y0 + unit / across % down * tile_rows;
    const Tile tile{unit / (across * down),
                    {y, std::min(y + tile_rows, window.y1), x, std::min(x + tile_columns, window.x1)}};
    const Scratch s = scratch(worker);
    Rows own = rows;
    mix(layer, own, halve, tile, s, output);
    finish(tile, s);
  });
}

void MiganNetwork::encode(std::span<const Source> sources) {
  Plan& p = *plan_;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    Maps& m = p.maps[i];
    const Level& level = levels_[i];
    const Output skip{&m.skip, m.skip.blocks}, encoded{&m.encoded, m.encoded.blocks};
    const auto first = [&](const Tile& tile, const Scratch& s) { activate(level.encoder[0], nullptr, tile, s, skip); };
    if (i == 0)
      separable(LayerClass::encoder, level.encoder[0], RgbRows(*this, sources, p.size), false, whole(m.skip), p.images,
                skip, first);
    else
      separable(LayerClass::encoder, level.encoder[0], MapRows(p.maps[i - 1].encoded), false, whole(m.skip), p.images,
                skip, first);
    separable(LayerClass::encoder, level.encoder[1], MapRows(m.skip), i + 1 < levels_.size(), whole(m.encoded),
              p.images, encoded,
              [&](const Tile& tile, const Scratch& s) { activate(level.encoder[1], nullptr, tile, s, encoded); });
  }
}

/// The first layer of a level's synthesis, for the `window` of its map.
void MiganNetwork::synthesize_first(std::size_t i, const Window& window) {
  Plan& p = *plan_;
  Maps& m = p.maps[i];
  const Layer& layer = levels_[i].synthesis[0];
  const Output mixed{&m.mixed, m.mixed.blocks};
  if (i + 1 < levels_.size()) {
    separable(LayerClass::decoder, layer, MapRows(p.maps[i + 1].result), false, window, p.images, mixed,
              [](const Tile&, const Scratch&) {});
    return;
  }
  separable(LayerClass::decoder, layer, MapRows(m.encoded), false, window, p.images, mixed,
            [&](const Tile& tile, const Scratch& s) { activate(layer, &m.skip, tile, s, mixed); });
}

/// The colours of a tile from the result of its level, [rows][columns] pixels, in the worker's own memory.
const float* MiganNetwork::colours(const Level& level, const Tile& tile, const Scratch& s, const Output& from) const {
  GemmArgs g{from.at(0, tile, tile.window.y0, s),
             from.row(tile),
             kernels_.width,
             colour_offsets_.data(),
             level.to_rgb.k_blocks,
             level.to_rgb.weights,
             level.to_rgb.k_blocks};
  g.c = s.mixed;  // the input of the layer's product is not needed any more
  g.c_row = static_cast<Stride>(tile.columns()) * kernels_.width;
  g.c_pixel = kernels_.width;
  g.rows = tile.rows();
  g.columns = tile.columns();
  g.n_blocks = 1;
  g.bias = level.to_rgb.bias;
  kernels_.gemm(g);
  return s.mixed;
}

/// Row y of the picture so far, from column x0 on: the picture of half the resolution doubled, and `own` added.
void MiganNetwork::add_coarser(const View& coarser, int image, int y, int x0, const float* own, float* out,
                               int columns) const {
  kernels_.double_row({coarser.at(0, image, y / 2, x0 / 2), coarser.at(0, image, y % 2 ? y / 2 + 1 : y / 2 - 1, x0 / 2),
                       nullptr, own, false, out, columns / 2});
}

/// The windows of each level's result that the needed parts depend on.
std::vector<Window> MiganNetwork::windows_of(std::span<const Target> targets) const {
  const Plan& p = *plan_;
  Window all{p.size.height, 0, p.size.width, 0};
  for (const Target& target : targets) {
    const Rect need = target.need.empty() ? Rect{0, 0, p.size.width, p.size.height} : target.need;
    all = {std::min(all.y0, need.y), std::max(all.y1, need.bottom()), std::min(all.x0, need.x),
           std::max(all.x1, need.right())};
  }
  std::vector<Window> windows{even(all)};
  while (windows.size() + 1 < levels_.size()) {
    const View& next = p.maps[windows.size()].result;
    windows.push_back(even(clipped(grown(mixed_window(windows.back(), next), 1), next.height, next.width)));
  }
  windows.push_back(whole(p.maps.back().result));
  return windows;
}

/// The part of a map of half the resolution from which a layer makes its result's window: the window's 3x3
/// convolutions read one pixel more, and doubling reads the pixels on either side.
Window MiganNetwork::mixed_window(const Window& w, const View& map) {
  return clipped(grown({w.y0 / 2, w.y1 / 2, w.x0 / 2, w.x1 / 2}, 1), map.height, map.width);
}

template <class Finish>
void MiganNetwork::synthesize_second(std::size_t i, const Window& window, const Output& output, const Finish& finish) {
  const Plan& p = *plan_;
  const Maps& m = p.maps[i];
  const Level& level = levels_[i];
  colour_offsets_.clear();
  for (int block = 0; block < output.blocks; ++block) colour_offsets_.push_back(block * output.plane());
  const auto activated = [&](const Tile& tile, const Scratch& s) {
    activate(level.synthesis[1], nullptr, tile, s, output);
    finish(tile, s, colours(level, tile, s, output));
  };
  if (i + 1 < levels_.size())
    separable(LayerClass::decoder, level.synthesis[1], DoubledRows(*this, level.synthesis[0], m.mixed, m.skip), false,
              window, p.images, output, activated);
  else
    separable(LayerClass::decoder, level.synthesis[1], MapRows(m.mixed), false, window, p.images, output, activated);
}

/// A level's result and the picture so far, as maps.
void MiganNetwork::synthesize(std::size_t i, const Window& window) {
  Maps& m = plan_->maps[i];
  const int pixel = kernels_.width;
  zero_border(m.colours);
  synthesize_second(i, window, {&m.result, m.result.blocks}, [&](const Tile& tile, const Scratch&, const float* own) {
    const auto& [y0, y1, x0, x1] = tile.window;
    for (int y = y0; y < y1; ++y, own += static_cast<Stride>(x1 - x0) * pixel) {
      float* out = m.colours.at(0, tile.image, y, x0);
      if (i + 1 < levels_.size())
        add_coarser(plan_->maps[i + 1].colours, tile.image, y, x0, own, out, x1 - x0);
      else
        std::copy_n(own, static_cast<Stride>(x1 - x0) * pixel, out);
    }
  });
}

/// The predictions themselves.
std::optional<std::size_t> MiganNetwork::finish(const Window& window, std::span<const Target> targets) {
  const Plan& p = *plan_;
  const int pixel = kernels_.width, blocks = p.maps[0].skip.blocks;
  std::vector<std::atomic<bool>> is_nan(targets.size());
  const auto store = [&](const Tile& tile, int y, const float* pixels, float* samples) {
    const auto index = static_cast<std::size_t>(tile.image);
    const Target& target = targets[index];
    const Rect need = target.need.empty() ? Rect{0, 0, p.size.width, p.size.height} : target.need;
    const int x0 = std::max(tile.window.x0, need.x), x1 = std::min(tile.window.x1, need.right());
    if (x0 >= x1 || y < need.y || y >= need.bottom()) return;
    float* to = samples;
    for (int x = x0; x < x1; ++x)
      for (int c = 0; c < 3; ++c) *to++ = pixels[static_cast<Stride>(x - tile.window.x0) * pixel + c] * 0.5F + 0.5F;
    const auto at =
        (static_cast<std::size_t>(y) * static_cast<std::size_t>(p.size.width) + static_cast<std::size_t>(x0)) * 3;
    if (!store_row(samples, static_cast<std::size_t>(to - samples), at, target))
      is_nan[index].store(true, std::memory_order_relaxed);
  };
  const auto [rows, columns] = tile_size(levels_[0].synthesis[1].pointwise.k_blocks, pixel, window.y1 - window.y0,
                                         window.x1 - window.x0, p.images, pool_.threads());
  const Output own_memory{nullptr, blocks, odd_lines(static_cast<Stride>(rows) * columns * pixel), pixel};
  synthesize_second(0, window, own_memory, [&](const Tile& tile, const Scratch& s, const float* own) {
    const auto& [y0, y1, x0, x1] = tile.window;
    for (int y = y0; y < y1; ++y, own += static_cast<Stride>(x1 - x0) * pixel) {
      add_coarser(p.maps[1].colours, tile.image, y, x0, own, s.rows, x1 - x0);
      store(tile, y, s.rows, s.full);
    }
  });
  const auto first = std::find(is_nan.begin(), is_nan.end(), true);
  if (first == is_nan.end()) return std::nullopt;
  return static_cast<std::size_t>(first - is_nan.begin());
}

std::optional<std::size_t> MiganNetwork::decode(std::span<const Target> targets) {
  const std::vector<Window> windows = windows_of(targets);
  for (std::size_t i = levels_.size(); i-- > 0;) {
    const View& mixed = plan_->maps[i].mixed;
    synthesize_first(i, i + 1 < levels_.size() ? mixed_window(windows[i], mixed) : whole(mixed));
    if (i > 0) synthesize(i, windows[i]);
  }
  return finish(windows[0], targets);
}

std::optional<std::size_t> MiganNetwork::run(std::span<const Source> sources, Size size,
                                             std::span<const Target> targets, Profile* profile) {
  prepare(size, static_cast<int>(sources.size()));
  stages_.account(profile);
  encode(sources);
  return decode(targets);
}

}  // namespace inpaintd::cpu
