// SPDX-License-Identifier: Apache-2.0
#include "models/fused/network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace inpaintd {
namespace {

using Shape = std::vector<std::int64_t>;

/// Sides of the deepest maps, up to those of pictures of 1024 pixels, whose Fourier matrices are kept: all together
/// take 30 MB in 32 bits. Those of longer sides are made for each run, or kept with a recording.
constexpr std::int64_t kept_length_max = 128;

/// Convolutions expect the axes [N,C,H,W]; this is a view, and nothing moves in memory.
at::Tensor by_channel(const at::Tensor& x) { return x.permute({0, 3, 1, 2}); }
at::Tensor by_pixel(const at::Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

template <class W>
at::Tensor convolve(const at::Tensor& x, const W& w, std::int64_t stride = 1) {
  return by_pixel(at::conv2d(by_channel(x), w.weight, w.bias, stride));
}

template <class W>
at::Tensor convolve_relu(const at::Tensor& x, const W& w, std::int64_t stride = 1) {
  if (x.is_cuda())
    return by_pixel(at::cudnn_convolution_relu(by_channel(x), w.weight, w.bias, {stride, stride}, {0, 0}, {1, 1}, 1));
  return convolve(x, w, stride).relu_();
}

template <class W>
at::Tensor up_relu(const at::Tensor& x, const W& w) {
  const auto up = [](const at::Tensor& in, const at::Tensor& weight, const at::Tensor& bias) {
    return by_pixel(
        at::conv_transpose2d(by_channel(in), weight, bias, /*stride=*/2, /*padding=*/1, /*output_padding=*/1));
  };
  if (x.is_cuda() || x.scalar_type() == at::kFloat) return up(x, w.weight, w.bias).relu_();
  // LibTorch 1.13 on the CPU has no transposed convolution of 16-bit numbers.
  const auto wide = [](const at::Tensor& t) { return t.to(at::kFloat); };
  return up(wide(x), wide(w.weight), wide(w.bias)).relu_().to(x.scalar_type());
}

/// One matrix, the same for every one of a batch of matrices [B, k, n].
at::Tensor times(const at::Tensor& matrix, const at::Tensor& batch) {
  return at::bmm(matrix.unsqueeze(0).expand({batch.size(0), matrix.size(0), matrix.size(1)}), batch);
}

/// Raises `maxima` to the largest absolute value of each channel of x [..., C].
void note(const at::Tensor& x, std::vector<float>& maxima, std::size_t from = 0) {
  const at::Tensor largest = x.detach().abs().flatten(0, -2).amax(0).to(at::kFloat).to(at::kCPU);
  for (std::int64_t c = 0; c < largest.size(0); ++c) {
    float& maximum = maxima.at(from + static_cast<std::size_t>(c));
    maximum = std::max(maximum, largest[c].item<float>());
  }
}

/// The last 7x7 convolution for 4x4 pixels at once: a 10x10 convolution of stride 4, whose 3 x 16 outputs are a shape
/// that suits matrix units better than 3.
Convolution four_by_four(const Convolution& last) {
  Convolution c{last.in, 48, 10, 10, std::vector<float>(static_cast<std::size_t>(48 * last.in * 100)), {}};
  for (int o = 0; o < 48; ++o) {
    const int colour = o / 16, y = o % 16 / 4, x = o % 4;
    c.bias.push_back(last.bias[static_cast<std::size_t>(colour)]);
    for (int i = 0; i < last.in; ++i)
      for (int ky = 0; ky < 7; ++ky)
        for (int kx = 0; kx < 7; ++kx)
          c.weight[static_cast<std::size_t>(((o * last.in + i) * 10 + y + ky) * 10 + x + kx)] =
              last.weight[static_cast<std::size_t>(((colour * last.in + i) * 7 + ky) * 7 + kx)];
  }
  return c;
}

/// The same convolution of an input with `in` channels, of which the new ones are ignored.
Convolution widened(const Convolution& narrow, int in) {
  Convolution c = narrow;
  c.in = in;
  c.weight.clear();
  const auto old = static_cast<std::ptrdiff_t>(narrow.in * narrow.kernel_h * narrow.kernel_w);
  for (int o = 0; o < narrow.out; ++o) {
    c.weight.insert(c.weight.end(), narrow.weight.begin() + o * old, narrow.weight.begin() + (o + 1) * old);
    c.weight.resize(static_cast<std::size_t>((o + 1) * in * narrow.kernel_h * narrow.kernel_w));
  }
  return c;
}

/// cos and sin of the angle between row `y` and frequency `k` of `length`, exact at multiples of a full turn.
std::pair<double, double> turn(std::int64_t y, std::int64_t k, std::int64_t length) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(y * k % length) / static_cast<double>(length);
  return {std::cos(angle), std::sin(angle)};
}

std::vector<double> zeros(std::int64_t count) { return std::vector<double>(static_cast<std::size_t>(count)); }

std::size_t at(std::int64_t row, std::int64_t column, std::int64_t stride) {
  return static_cast<std::size_t>(row * stride + column);
}

}  // namespace

FusedLama::FusedLama(const FoldedLama& model, c10::Device device, at::ScalarType type)
    : shape_(model.shape), device_(device), type_(type) {
  first_ = convolution(widened(model.first, 8));
  for (std::size_t i = 0; i < 3; ++i) {
    down_[i] = convolution(model.down[i]);
    const Convolution& up = model.up[i];  // transposed: [in, out, 3, 3]
    up_[i] = {constant(up.weight, {up.in, up.out, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast),
              constant(up.bias, {up.out})};
  }
  last_ = convolution(four_by_four(model.last));
  for (const FoldedFfc& each : model.layers) layers_.push_back(layer(each));
}

at::Tensor FusedLama::constant(const std::vector<float>& values, Shape shape) const {
  auto* data = const_cast<float*>(values.data());  // read only: to() with a copy
  return at::from_blob(data, shape, at::kFloat).to(at::TensorOptions(device_).dtype(type_), false, /*copy=*/true);
}

at::Tensor FusedLama::constant(const std::vector<double>& values, Shape shape) const {
  return constant(std::vector<float>(values.begin(), values.end()), std::move(shape));
}

FusedLama::Weight FusedLama::convolution(const Convolution& c) const {
  return {constant(c.weight, {c.out, c.in, c.kernel_h, c.kernel_w}).contiguous(at::MemoryFormat::ChannelsLast),
          constant(c.bias, {c.out})};
}

FusedLama::Layer FusedLama::layer(const FoldedFfc& f) const {
  Layer layer{.to_local = convolution(f.to_local), .local_to_global = convolution(f.local_to_global)};
  layer.conv1 = {constant(f.conv1.weight, {f.conv1.out, f.conv1.in}), constant(f.conv1.bias, {f.conv1.out})};
  // Trained: real and imaginary parts alternate. Here: all real parts, then all imaginary parts.
  const std::int64_t c = f.spectral.out / 2;
  const at::Tensor alternating = constant(f.spectral.weight, {c, 2, c, 2});             // out, part, in, part
  const at::Tensor by_part = alternating.permute({3, 2, 1, 0}).reshape({2, c, 2 * c});  // in's part, in, out
  layer.from_real = by_part[0].contiguous();
  layer.from_imaginary = by_part[1].contiguous();
  layer.bias = constant(f.spectral.bias, {c, 2}).t().reshape({2 * c}).contiguous();
  layer.conv2 = constant(f.conv2.weight, {f.conv2.out, f.conv2.in}).t().contiguous();
  return layer;
}

FusedLama::Matrices FusedLama::make_rows(std::int64_t w) const {
  const std::int64_t k = w / 2 + 1;
  const double norm = 1 / std::sqrt(static_cast<double>(w));
  auto forward = zeros(2 * k * w), inverse = forward;
  for (std::int64_t f = 0; f < k; ++f)
    for (std::int64_t x = 0; x < w; ++x) {
      const auto [cosine, sine] = turn(x, f, w);
      forward[at(f, x, w)] = cosine * norm;
      forward[at(k + f, x, w)] = -sine * norm;
      const bool single = f == 0 || 2 * f == w;  // its conjugate is not among the frequencies that are left out
      inverse[at(x, f, 2 * k)] = cosine * norm * (single ? 1 : 2);
      inverse[at(x, k + f, 2 * k)] = single ? 0 : -2 * sine * norm;
    }
  return {constant(forward, {2 * k, w}), constant(inverse, {w, 2 * k})};
}

FusedLama::Matrices FusedLama::make_columns(std::int64_t h) const {
  const double norm = 1 / std::sqrt(static_cast<double>(h));
  auto forward = zeros(4 * h * h), inverse = forward;
  for (std::int64_t f = 0; f < h; ++f)
    for (std::int64_t y = 0; y < h; ++y) {
      const auto [cosine, sine] = turn(y, f, h);
      const double c = cosine * norm, s = sine * norm;
      forward[at(f, 2 * y, 2 * h)] = c;  // (re + i im)(c - i s)
      forward[at(f, 2 * y + 1, 2 * h)] = s;
      forward[at(h + f, 2 * y, 2 * h)] = -s;
      forward[at(h + f, 2 * y + 1, 2 * h)] = c;
      inverse[at(2 * y, f, 2 * h)] = c;  // (re + i im)(c + i s)
      inverse[at(2 * y, h + f, 2 * h)] = -s;
      inverse[at(2 * y + 1, f, 2 * h)] = s;
      inverse[at(2 * y + 1, h + f, 2 * h)] = c;
    }
  return {constant(forward, {2 * h, 2 * h}), constant(inverse, {2 * h, 2 * h})};
}

FusedLama::Fourier FusedLama::fourier(Size size) {
  const auto find_or_make = [](auto& kept, std::int64_t length, const auto& make) {
    if (const auto found = kept.find(length); found != kept.end()) return found->second;
    const Matrices made = make(length);
    if (length <= kept_length_max) kept.emplace(length, made);
    return made;
  };
  const Matrices rows = find_or_make(rows_, size.width / 8, [this](std::int64_t w) { return make_rows(w); });
  const Matrices columns = find_or_make(columns_, size.height / 8, [this](std::int64_t h) { return make_columns(h); });
  return {rows.forward, columns.forward, columns.inverse, rows.inverse};
}

/// s + irfft2(relu(1x1(rfft2(s)))) as irfft2(S + relu(1x1(S))), with s = relu(conv1(x)). The row transform leaves
/// [N, H, 2, K, C], which read as [N, 2H, K C] is what the column transform multiplies: nothing is ever transposed.
at::Tensor FusedLama::spectral(const Layer& layer, const at::Tensor& x, const Fourier& f,
                               std::vector<float>* maxima) const {
  const std::int64_t n = x.size(0), h = x.size(1), w = x.size(2), c = layer.conv2.size(0), k = w / 2 + 1;
  const at::Tensor s =
      at::_addmm_activation(layer.conv1.bias, x.reshape({n * h * w, x.size(3)}), layer.conv1.weight.t());
  const at::Tensor rows = times(f.rows, s.view({n * h, w, c}));
  at::Tensor spectrum = times(f.columns, rows.view({n, 2 * h, k * c})).view({n, 2, h * k, c});
  const auto part = [&](std::int64_t which, const at::Tensor& weight) {
    return std::pair(spectrum.select(1, which), weight.unsqueeze(0).expand({n, c, 2 * c}));
  };
  const auto [real, from_real] = part(0, layer.from_real);
  const auto [imaginary, from_imaginary] = part(1, layer.from_imaginary);
  const at::Tensor partly = at::bmm(real, from_real);
  const at::Tensor filtered = at::baddbmm(partly, imaginary, from_imaginary);
  if (maxima)  // partly and filtered, too: an infinity that ReLU would clear goes unnoticed
    for (const at::Tensor& each :
         {s, rows.view({n * h * 2 * k, c}), spectrum, partly.view({n, h * k, 2, c}), filtered.view({n, h * k, 2, c})})
      note(each, *maxima);
  spectrum = fused::join_spectrum(spectrum, filtered, layer.bias);
  const at::Tensor back = times(f.inverse_columns, spectrum.view({n, 2 * h, k * c}));
  if (maxima)
    for (const at::Tensor& each : {spectrum, back.view({n * h * 2 * k, c})}) note(each, *maxima);
  return times(f.inverse_rows, back.view({n * h, 2 * k, c})).view({n * h * w, c});
}

fused::Joined FusedLama::ffc(const Layer& layer, const fused::Joined& in, const at::Tensor& residual, const Fourier& f,
                             ChannelNumbers::Layer* maxima) const {
  const at::Tensor x_global = in.x.slice(3, shape_.local);
  const at::Tensor local = convolve_relu(in.padded, layer.to_local);
  const at::Tensor from_local = convolve(in.padded_local, layer.local_to_global);
  const at::Tensor transformed = spectral(layer, x_global, f, maxima ? &maxima->half : nullptr);
  const at::Tensor global = at::addmm(from_local.view({-1, shape_.global}), transformed, layer.conv2);
  if (maxima) {
    note(local, maxima->output);
    // A sum that ReLU clears, and the part of it that is stored first, must fit as well.
    for (const at::Tensor& each : {from_local, global.view_as(from_local)})
      note(each, maxima->output, static_cast<std::size_t>(shape_.local));
  }
  return fused::join(local, global.view_as(from_local), residual);
}

fused::Finished FusedLama::forward(const at::Tensor& image, const at::Tensor& mask, const Fourier& fourier,
                                   ChannelNumbers* maxima) const {
  at::Tensor x = convolve_relu(fused::pack_input(image, mask, type_), first_);
  if (maxima) note(x, maxima->first);
  for (std::size_t i = 0; i < 2; ++i) {
    x = convolve_relu(fused::reflect_pad(x, 1), down_[i], 2);
    if (maxima) note(x, maxima->down[i]);
  }
  x = convolve_relu(fused::reflect_pad(x, 1), down_[2], 2);
  fused::Joined stream = fused::join(x.slice(3, 0, shape_.local), x.slice(3, shape_.local), {});
  if (maxima) note(stream.x, maxima->stream);
  for (std::size_t i = 0; i < layers_.size(); i += 2) {
    const fused::Joined inner = ffc(layers_[i], stream, {}, fourier, maxima ? &maxima->layers[i] : nullptr);
    stream = ffc(layers_[i + 1], inner, stream.x, fourier, maxima ? &maxima->layers[i + 1] : nullptr);
    if (!maxima) continue;
    note(stream.x, maxima->stream);
    for (std::size_t c = 0; c < maxima->stream.size(); ++c)
      maxima->stream[c] = std::max(maxima->stream[c], maxima->layers[i + 1].output[c]);
  }
  x = stream.x;
  for (std::size_t i = 0; i < 3; ++i) {
    x = up_relu(x, up_[i]);
    if (maxima) note(x, maxima->up[i]);
  }
  fused::Finished answer = fused::finish(convolve(fused::reflect_pad(x, 3), last_, 4));
  // Libraries may clear a NaN in the decoder's ReLUs, so the blocks' sum must be finite as well.
  answer.finite = answer.finite.logical_and(at::isfinite(stream.x).flatten(1).all(1));
  return answer;
}

}  // namespace inpaintd
