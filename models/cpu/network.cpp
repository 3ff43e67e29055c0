// SPDX-License-Identifier: Apache-2.0
// LaMa's forward pass on the CPU: encoder, residual blocks of fast Fourier convolutions, decoder (Suvorov et al. 2021,
// arXiv:2109.07161), with the rewrites of docs/engine.md. Plan says where the maps are, Stages computes the layers.
#include "models/cpu/network.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/network_input.h"

namespace inpaintd::cpu {
namespace {

constexpr Tap centre_tap[] = {{0, 0}};
constexpr Tap square_kernel[] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {2, 0}, {2, 1}, {2, 2}};

int mirrored(int i, int length) {
  if (i < 0) return -i;
  return i < length ? i : 2 * length - 2 - i;
}

/// Writes one row of the network's input, [width + 8][4]: three reflected pixels at each side, then two of zeros.
void pack_row(const Source& source, int y, int width, float* to) {
  const std::uint8_t* image = source.image + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 3;
  const std::uint8_t* mask = source.mask + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  for (int x = -3; x < width + 5; ++x, to += 4) {
    const int at = std::max(mirrored(x, width), 0);
    const bool inside = x < width + 3;
    const bool hole = mask[at] > hole_above;
    for (int c = 0; c < 3; ++c) to[c] = inside && !hole ? static_cast<float>(image[3 * at + c]) / 255.0F : 0.0F;
    to[3] = inside && hole ? 1.0F : 0.0F;
  }
}

/// The part of `in`, a map at half the resolution, from which a transposed convolution computes the window `w`: pixel i
/// gives pixel 2i, and pixels i and i + 1 give 2i + 1. The pixel i + 1 at the window's end is not part of the result.
Window halved(const Window& w, const View& in) {
  return {w.y0 / 2, std::min(w.y1 / 2 + 1, in.height), w.x0 / 2, std::min(w.x1 / 2 + 1, in.width)};
}

}  // namespace

Network::~Network() = default;

Network::Network(const FoldedLama& model, const Kernels& kernels, Pool& pool)
    : shape_(model.shape), kernels_(kernels), pool_(pool), stages_(kernels, pool) {
  const int block = kernels.width;
  Packer packer(block, store_, pool);
  const auto plain = [block](int channels) { return plain_channels(channels, block); };
  const ChannelMap all = split_channels(shape_.local, shape_.global, block);
  const ChannelMap local = plain(shape_.local);
  const ChannelMap global = plain(shape_.global);
  const ChannelMap half = plain(shape_.global / 2);
  const ChannelMap spectrum = spectrum_channels(shape_.global / 2, block);

  first_ = packer.first(model.first, plain(shape_.ngf));
  for (std::size_t i = 0; i < 3; ++i)
    down_[i] =
        packer.conv(model.down[i], square_kernel, plain(model.down[i].in), i < 2 ? plain(model.down[i].out) : all);
  for (const FoldedFfc& f : model.layers) {
    layers_.push_back({packer.winograd(f.to_local, all, local), packer.winograd(f.local_to_global, local, global),
                       packer.conv(f.conv1, centre_tap, global, half),
                       packer.conv(f.spectral, centre_tap, spectrum, spectrum),
                       packer.conv(f.conv2, centre_tap, half, global)});
    layers_.back().conv2.bias = nullptr;  // this bias is zero: the layer's bias is in local_to_global
  }
  for (std::size_t i = 0; i < 3; ++i)
    for (int parity = 0; parity < 4; ++parity)
      up_[i].parity[parity] = packer.conv(model.up[i], up_kernel_taps(parity), i == 0 ? all : plain(model.up[i].in),
                                          plain(model.up[i].out), WeightOrder::in_out);
  last_ = packer.last(model.last, plain(shape_.ngf));
  float* bias = store_.take(3);
  std::copy_n(model.last.bias.begin(), 3, bias);
  last_bias_ = bias;
}

void Network::prepare(Size size, int images) {
  if (plan_ && plan_->is_for(size, images)) return;
  auto plan = std::make_unique<Plan>(shape_, kernels_.width, pool_.threads(), size, images);
  if (arena_.size() < plan->arena_floats()) {
    release_memory();  // the old arena is freed first: there may be no memory for both
    arena_ = Buffer(plan->arena_floats());
  }
  plan->bind(arena_.data());
  plan_ = std::move(plan);
}

void Network::release_memory() {
  plan_.reset();  // before the arena, into which the plan's views point
  arena_ = Buffer();
}

void Network::encode(std::span<const Source> sources) {
  const Plan& p = *plan_;
  const int rows = p.size.height + 6;
  stages_.run(LayerClass::input, 0, p.images * rows, [&](int unit, int) {
    const int image = unit / rows;
    const int row = unit % rows;
    pack_row(sources[static_cast<std::size_t>(image)], mirrored(row - 3, p.size.height), p.size.width,
             p.packed + image * p.packed_image() + row * p.packed_row);
  });
  stages_.first(first_, p.packed, p.first);
  stages_.down(down_[0], p.first, p.down[0]);
  stages_.down(down_[1], p.down[0], p.down[1]);
  stages_.down(down_[2], p.down[1], p.x);
}

void Network::ffc(const Layer& layer, const View& in, const View* residual, const View& out) {
  const Plan& p = *plan_;
  const int local = layer.to_local.n_blocks;
  const View global = in.channels(local, in.blocks - local);
  const float area = static_cast<float>(in.height) * static_cast<float>(in.width);

  // Both transforms are unnormalised. The factors 1 / sqrt(area) of the two ortho norms are applied together, to the
  // forward spectrum; the bias, which only the inverse norm concerns, is scaled by one of them. The sum is taken in the
  // spectrum: s + irfft2(S') = irfft2(S + S').
  stages_.pointwise(LayerClass::conv1, layer.conv1, global, p.half, {.relu = true});
  stages_.spectrum_forward(p.half, p.spectrum, 1.0F / area, p.along_height, p.along_width, p.work);
  stages_.pointwise(LayerClass::spectral, layer.spectral, p.spectrum, p.filtered,
                    {.relu = true, .bias_scale = 1.0F / std::sqrt(area), .add = &p.spectrum});
  stages_.spectrum_inverse(p.filtered, p.half, p.along_height, p.along_width, p.work);
  stages_.pointwise(LayerClass::conv2, layer.conv2, p.half, p.conv2, {});
  stages_.winograd(layer.to_local, layer.local_to_global, in, p.conv2, residual, out, p.work);
}

/// Consecutive pictures of a batch that need the same part, and the window that each layer of the decoder computes.
struct Network::Need {
  int first = 0;  ///< index of the first picture
  int count = 0;
  Window last;   ///< of the prediction
  Window up[3];  ///< of the input of each transposed convolution
};

std::vector<Network::Need> Network::needs_of(std::span<const Target> targets) const {
  const Plan& p = *plan_;
  const auto one_more = [](const Window& w, const View& v) {
    return Window{w.y0, std::min(w.y1 + 1, v.height), w.x0, std::min(w.x1 + 1, v.width)};
  };
  std::vector<Need> needs;
  for (std::size_t begin = 0, end = 0; begin < targets.size(); begin = end) {
    const Rect& need = targets[begin].need;
    while (end < targets.size() && targets[end].need == need) ++end;
    Need each{static_cast<int>(begin), static_cast<int>(end - begin)};
    each.last = need.empty() ? whole(p.up[2]) : Window{need.y, need.bottom(), need.x, need.right()};
    const Window& w = each.last;
    const Window input{std::max(w.y0 - 3, 0), std::min(w.y1 + 3, p.size.height), std::max(w.x0 - 3, 0),
                       std::min(w.x1 + 3, p.size.width)};
    each.up[2] = halved(input, p.up[1]);
    each.up[1] = halved(one_more(each.up[2], p.up[1]), p.up[0]);
    each.up[0] = halved(one_more(each.up[1], p.up[0]), p.decoder);
    needs.push_back(each);
  }
  return needs;
}

std::optional<std::size_t> Network::decode(std::span<const Target> targets) {
  const Plan& p = *plan_;
  const std::vector<Need> needs = needs_of(targets);
  stages_.zero_halo(p.decoder);
  // Layer by layer, not image by image: a layer's output may use the memory of the previous layer's input.
  const View* in[] = {&p.decoder, &p.up[0], &p.up[1]};
  for (int layer = 0; layer < 3; ++layer)
    for (const Need& need : needs)
      stages_.up(up_[layer], in[layer]->some_images(need.first, need.count), need.up[layer],
                 p.up[layer].some_images(need.first, need.count));
  std::vector<std::atomic<bool>> is_nan(targets.size());
  for (const Need& need : needs)
    stages_.last(last_, last_bias_, p.up[2].some_images(need.first, need.count), need.last, p.work,
                 [&](int image, int y, const float* row) {
                   const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(p.size.width) +
                                    static_cast<std::size_t>(need.last.x0)) *
                                   3;
                   const auto samples = static_cast<std::size_t>(need.last.x1 - need.last.x0) * 3;
                   const auto i = static_cast<std::size_t>(need.first + image);
                   if (!store_row(row, samples, at, targets[i])) is_nan[i].store(true, std::memory_order_relaxed);
                 });
  const auto first = std::find(is_nan.begin(), is_nan.end(), true);
  if (first == is_nan.end()) return std::nullopt;
  return static_cast<std::size_t>(first - is_nan.begin());
}

std::optional<std::size_t> Network::run(std::span<const Source> sources, Size size, std::span<const Target> targets,
                                        Profile* profile) {
  prepare(size, static_cast<int>(sources.size()));
  stages_.account(profile);
  encode(sources);
  const Plan& p = *plan_;
  for (std::size_t i = 0; i < layers_.size(); i += 2) {
    ffc(layers_[i], p.x, nullptr, p.y);
    // The block's input is added. The sum replaces it, or after the last block goes to the decoder's input.
    ffc(layers_[i + 1], p.y, &p.x, i + 2 < layers_.size() ? p.x : p.decoder);
  }
  return decode(targets);
}

}  // namespace inpaintd::cpu
