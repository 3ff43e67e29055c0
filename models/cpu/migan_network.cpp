// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/migan_network.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

#include "core/network_input.h"
#include "models/cpu/migan_plan.h"

namespace inpaintd::cpu {
namespace {

constexpr Tap centre_tap[] = {{0, 0}};

/// The smallest window with even sides around `w`.
Window even(const Window& w) { return {w.y0 / 2 * 2, (w.y1 + 1) / 2 * 2, w.x0 / 2 * 2, (w.x1 + 1) / 2 * 2}; }

}  // namespace

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
  Layer packed{per_channel(layer.depthwise, layer.in, 9),
               per_channel(layer.bias, layer.in, 1),
               packer.conv(pointwise, centre_tap, plain_channels(layer.in, block), plain_channels(layer.out, block)),
               {layer.noise, side}};
  packed.pointwise.bias = nullptr;
  noise_bytes_ += layer.noise.size() * sizeof(float);
  return packed;
}

void MiganNetwork::prepare(Size size, int images) {
  if (plan_ && plan_->is_for(size, images)) return;
  auto plan = std::make_unique<MiganPlan>(channels_, kernels_.width, pool_.threads(), size, images);
  if (arena_.size() < plan->arena_floats()) {
    release_memory();  // the old arena is freed first: there may be no memory for both
    arena_ = Buffer(plan->arena_floats());
  }
  plan->bind(arena_.data());
  plan_ = std::move(plan);
}

void MiganNetwork::release_memory() {
  plan_.reset();  // before the arena, into which the plan's views point
  arena_ = Buffer();
}

/// Fills the input of the matrix product of one tile, and multiplies.
template <class Rows>
void MiganNetwork::mix(const Layer& layer, Rows& rows, bool halve, const MiganTile& tile, const MiganScratch& s,
                       const MiganOutput& output) const {
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
void MiganNetwork::activate(const Layer& layer, const View* add, const MiganTile& tile, const MiganScratch& s,
                            const MiganOutput& output) const {
  const auto& [y0, y1, x0, x1] = tile.window;
  for (int y = y0; y < y1; ++y) {
    if (!layer.noise.values.empty()) layer.noise.row(y, x0, x1, s.noise);
    for (int block = 0; block < output.blocks; ++block)
      kernels_.activate({output.at(block, tile, y, s), layer.noise.values.empty() ? nullptr : s.noise,
                         add ? add->at(block, tile.image, y, x0) : nullptr, tile.columns()});
  }
}

template <class Rows, class Finish>
void MiganNetwork::separable(LayerClass kind, const Layer& layer, const Rows& rows, bool halve, const TileSize& largest,
                             const Window& window, const MiganOutput& output, const Finish& finish) {
  const int pixel = kernels_.width, height = window.y1 - window.y0, width = window.x1 - window.x0;
  const int images = plan_->images;
  const auto [tile_rows, tile_columns] = largest;
  const Stride plane = odd_lines(static_cast<Stride>(tile_rows) * tile_columns * pixel);
  offsets_.clear();
  for (int block = 0; block < layer.pointwise.k_blocks; ++block) offsets_.push_back(block * plane);
  const int across = ceil_div(width, tile_columns), down = ceil_div(height, tile_rows);
  const double work = 2.0 * layer.pointwise.k_blocks * pixel * layer.pointwise.n_blocks * pixel;
  if (output.map) zero_border(*output.map);
  stages_.run(kind, work * images * height * width, images * across * down, [&](int unit, int worker) {
    const int x = window.x0 + unit % across * tile_columns, y = window.y0 + unit / across % down * tile_rows;
    const MiganTile tile{unit / (across * down),
                         {y, std::min(y + tile_rows, window.y1), x, std::min(x + tile_columns, window.x1)}};
    const MiganScratch s = plan_->scratch(worker);
    Rows own = rows;
    mix(layer, own, halve, tile, s, output);
    finish(tile, s);
  });
}

void MiganNetwork::encode(std::span<const Source> sources) {
  MiganPlan& p = *plan_;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    MiganMaps& m = p.maps[i];
    const Level& level = levels_[i];
    const MiganOutput skip{&m.skip, m.skip.blocks}, encoded{&m.encoded, m.encoded.blocks};
    const auto first = [&](const MiganTile& tile, const MiganScratch& s) {
      activate(level.encoder[0], nullptr, tile, s, skip);
    };
    if (i == 0)
      separable(LayerClass::encoder, level.encoder[0], RgbRows(kernels_, from_rgb_, from_bias_, sources, p.size), false,
                m.encoder[0], whole(m.skip), skip, first);
    else
      separable(LayerClass::encoder, level.encoder[0], MapRows(p.maps[i - 1].encoded), false, m.encoder[0],
                whole(m.skip), skip, first);
    separable(LayerClass::encoder, level.encoder[1], MapRows(m.skip), i + 1 < levels_.size(), m.encoder[1],
              whole(m.encoded), encoded, [&](const MiganTile& tile, const MiganScratch& s) {
                activate(level.encoder[1], nullptr, tile, s, encoded);
              });
  }
}

/// The first layer of a level's synthesis, for the `window` of its map.
void MiganNetwork::synthesize_first(std::size_t i, const Window& window) {
  MiganPlan& p = *plan_;
  MiganMaps& m = p.maps[i];
  const Layer& layer = levels_[i].synthesis[0];
  const MiganOutput mixed{&m.mixed, m.mixed.blocks};
  if (i + 1 < levels_.size()) {
    separable(LayerClass::decoder, layer, MapRows(p.maps[i + 1].result), false, m.synthesis[0], window, mixed,
              [](const MiganTile&, const MiganScratch&) {});
    return;
  }
  separable(LayerClass::decoder, layer, MapRows(m.encoded), false, m.synthesis[0], window, mixed,
            [&](const MiganTile& tile, const MiganScratch& s) { activate(layer, &m.skip, tile, s, mixed); });
}

/// The colours of a tile from the result of its level, [rows][columns] pixels, in the worker's own memory.
const float* MiganNetwork::colours(const Level& level, const MiganTile& tile, const MiganScratch& s,
                                   const MiganOutput& from) const {
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
  const MiganPlan& p = *plan_;
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
void MiganNetwork::synthesize_second(std::size_t i, const Window& window, const MiganOutput& output,
                                     const Finish& finish) {
  const MiganPlan& p = *plan_;
  const MiganMaps& m = p.maps[i];
  const Level& level = levels_[i];
  colour_offsets_.clear();
  for (int block = 0; block < output.blocks; ++block) colour_offsets_.push_back(block * output.plane());
  const auto activated = [&](const MiganTile& tile, const MiganScratch& s) {
    activate(level.synthesis[1], nullptr, tile, s, output);
    finish(tile, s, colours(level, tile, s, output));
  };
  if (i + 1 < levels_.size())
    separable(LayerClass::decoder, level.synthesis[1], DoubledRows(kernels_, level.synthesis[0].noise, m.mixed, m.skip),
              false, m.synthesis[1], window, output, activated);
  else
    separable(LayerClass::decoder, level.synthesis[1], MapRows(m.mixed), false, m.synthesis[1], window, output,
              activated);
}

/// A level's result and the picture so far, as maps.
void MiganNetwork::synthesize(std::size_t i, const Window& window) {
  MiganMaps& m = plan_->maps[i];
  const int pixel = kernels_.width;
  zero_border(m.colours);
  synthesize_second(i, window, {&m.result, m.result.blocks},
                    [&](const MiganTile& tile, const MiganScratch&, const float* own) {
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
  const MiganPlan& p = *plan_;
  const int pixel = kernels_.width, blocks = p.maps[0].skip.blocks;
  std::vector<std::atomic<bool>> is_nan(targets.size());
  const auto store = [&](const MiganTile& tile, int y, const float* pixels, float* samples) {
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
  const auto [rows, columns] = p.maps[0].synthesis[1];
  const MiganOutput own_memory{nullptr, blocks, odd_lines(static_cast<Stride>(rows) * columns * pixel), pixel};
  synthesize_second(0, window, own_memory, [&](const MiganTile& tile, const MiganScratch& s, const float* own) {
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
