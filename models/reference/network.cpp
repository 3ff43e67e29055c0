// SPDX-License-Identifier: Apache-2.0
#include "models/reference/network.h"

#include <ATen/ATen.h>

#include "models/lama/structure.h"

namespace inpaintd {
namespace {

constexpr double batch_norm_epsilon = 1e-5;

}  // namespace

at::Tensor inverse_rfft2(const at::Tensor& spectrum, std::int64_t width) {
  at::Tensor columns = at::fft_ifft(spectrum, {}, -2, "ortho");
  // Some FFT libraries use these imaginary parts, so they are set to zero.
  at::Tensor imaginary = at::view_as_real(columns).select(-1, 1);
  imaginary.select(-1, 0).zero_();
  if (width % 2 == 0) imaginary.select(-1, width / 2).zero_();
  return at::fft_irfft(columns, width, -1, "ortho");
}

LamaNetwork::LamaNetwork(const LamaWeights& weights, c10::Device device) : blocks_(weights.shape.blocks) {
  for (const auto& [name, tensor] : weights.tensors) {
    auto* values = const_cast<float*>(tensor.values.data());  // from_blob has no const form; clone() only reads
    tensors_[name] = at::from_blob(values, tensor.shape, at::kFloat).clone().to(device);
  }
}

at::Tensor LamaNetwork::norm_relu(const at::Tensor& x, const std::string& name) {
  return at::batch_norm(x, tensor(name + ".weight"), tensor(name + ".bias"), tensor(name + ".running_mean"),
                        tensor(name + ".running_var"), calibrate_, /*momentum=*/1.0, batch_norm_epsilon,
                        /*cudnn_enabled=*/true)
      .relu_();
}

at::Tensor LamaNetwork::convolve(const at::Tensor& x, const std::string& name, int pad, int stride) const {
  const at::Tensor padded = pad > 0 ? at::reflection_pad2d(x, {pad, pad, pad, pad}) : x;
  return at::conv2d(padded, tensor(name + ".weight"), /*bias=*/{}, stride);
}

at::Tensor LamaNetwork::fourier_unit(const at::Tensor& x, const std::string& name) {
  const auto n = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3), columns = width / 2 + 1;
  const at::Tensor spectrum = at::view_as_real(at::fft_rfft2(x, {}, {-2, -1}, "ortho"));
  // Real and imaginary parts alternate along the channels: re0, im0, re1, im1, ...
  at::Tensor planes = spectrum.permute({0, 1, 4, 2, 3}).reshape({n, 2 * channels, height, columns});
  planes = norm_relu(convolve(planes, name + ".conv_layer", 0), name + ".bn");
  planes = planes.view({n, channels, 2, height, columns}).permute({0, 1, 3, 4, 2}).contiguous();
  return inverse_rfft2(at::view_as_complex(planes), width);
}

at::Tensor LamaNetwork::spectral_transform(const at::Tensor& x, const std::string& name) {
  const at::Tensor s = norm_relu(convolve(x, name + ".conv1.0", 0), name + ".conv1.1");
  return convolve(s + fourier_unit(s, name + ".fu"), name + ".conv2", 0);
}

LamaNetwork::Maps LamaNetwork::ffc_layer(const Maps& x, const std::string& name) {
  const at::Tensor local = convolve(x.local, name + ".ffc.convl2l", 1) + convolve(x.global, name + ".ffc.convg2l", 1);
  const at::Tensor global =
      convolve(x.local, name + ".ffc.convl2g", 1) + spectral_transform(x.global, name + ".ffc.convg2g");
  return {norm_relu(local, name + ".bn_l"), norm_relu(global, name + ".bn_g")};
}

LamaNetwork::Maps LamaNetwork::encode(const at::Tensor& image, const at::Tensor& mask) {
  at::Tensor x = at::cat({image * (1 - mask), mask}, 1);
  x = norm_relu(convolve(x, "1.ffc.convl2l", 3), "1.bn_l");
  x = norm_relu(convolve(x, "2.ffc.convl2l", 1, 2), "2.bn_l");
  x = norm_relu(convolve(x, "3.ffc.convl2l", 1, 2), "3.bn_l");
  return {norm_relu(convolve(x, "4.ffc.convl2l", 1, 2), "4.bn_l"),
          norm_relu(convolve(x, "4.ffc.convl2g", 1, 2), "4.bn_g")};
}

at::Tensor LamaNetwork::decode(at::Tensor x) {
  const DecoderIndex index = decoder_index(blocks_);
  for (int up : index.up) {
    const std::string name = std::to_string(up);
    x = at::conv_transpose2d(x, tensor(name + ".weight"), tensor(name + ".bias"), /*stride=*/2, /*padding=*/1,
                             /*output_padding=*/1);
    x = norm_relu(x, std::to_string(up + 1));
  }
  const std::string last = std::to_string(index.last);
  return convolve(x, last, 3) + tensor(last + ".bias").view({1, 3, 1, 1});
}

at::Tensor LamaNetwork::logits(const at::Tensor& image, const at::Tensor& mask, bool calibrate) {
  calibrate_ = calibrate;
  Maps x = encode(image, mask);
  for (int block = first_block; block < first_block + blocks_; ++block) {
    const std::string name = std::to_string(block);
    const Maps change = ffc_layer(ffc_layer(x, name + ".conv1"), name + ".conv2");
    x = {x.local + change.local, x.global + change.global};
  }
  return decode(at::cat({x.local, x.global}, 1));
}

at::Tensor LamaNetwork::forward(const at::Tensor& image, const at::Tensor& mask) {
  return logits(image, mask).sigmoid_();
}

}  // namespace inpaintd
