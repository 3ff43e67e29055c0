// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <map>
#include <vector>

#include "core/pixels.h"
#include "models/fused/channel_scales.h"
#include "models/fused/ops.h"

namespace inpaintd {

/// LaMa for matrix units: few large products on maps whose channels are innermost, in one floating-point type, which
/// may have 16 bits. Everything is folded. Both Fourier transforms are products with small constant matrices: every
/// size works, no FFT of half precision is needed, and the inverse is defined exactly. Runs on every device of
/// LibTorch.
///
/// Used by one thread at a time, because matrices of new sizes are made at their first use.
class FusedLama {
 public:
  FusedLama(const FoldedLama& model, c10::Device device, at::ScalarType type);

  /// The DFT of one axis pair, both norms ortho. Copies share their matrices.
  struct Fourier {
    at::Tensor rows;             ///< [2K, W]: real parts of K = W / 2 + 1 frequencies, then imaginary parts
    at::Tensor columns;          ///< [2H, 2H]: (row, part) -> (part, frequency)
    at::Tensor inverse_columns;  ///< [2H, 2H]: (part, frequency) -> (row, part)
    at::Tensor inverse_rows;     ///< [W, 2K]; zero for the imaginary parts of frequencies 0 and W / 2
  };

  /// The matrices for pictures of `size`, from the cache or made now. A recording of forward() must keep its matrices,
  /// because the cache may drop them.
  [[nodiscard]] Fourier fourier(Size size);

  /// Pictures uint8 [N,H,W,3] and masks uint8 [N,H,W,1] on the device; H and W multiples of 8; `fourier` of their size.
  /// With `maxima` the largest values of each map are stored there, which takes time.
  [[nodiscard]] fused::Finished forward(const at::Tensor& image, const at::Tensor& mask, const Fourier& fourier,
                                        ChannelNumbers* maxima = nullptr) const;

 private:
  struct Weight {
    at::Tensor weight;  ///< [out, in, kh, kw], channels innermost; or a matrix, as the layer's product wants it
    at::Tensor bias;    ///< [out]
  };
  struct Layer {
    Weight to_local, local_to_global;
    Weight conv1;                                ///< [out, in]
    at::Tensor from_real, from_imaginary, bias;  ///< [C, 2C] each, [2C]: real parts of the outputs first
    at::Tensor conv2;                            ///< [in, out]
  };
  struct Matrices {
    at::Tensor forward, inverse;
  };

  [[nodiscard]] at::Tensor constant(const std::vector<double>& values, std::vector<std::int64_t> shape) const;
  [[nodiscard]] at::Tensor constant(const std::vector<float>& values, std::vector<std::int64_t> shape) const;
  [[nodiscard]] Weight convolution(const Convolution& c) const;
  [[nodiscard]] Layer layer(const FoldedFfc& f) const;
  [[nodiscard]] Matrices make_rows(std::int64_t width) const;
  [[nodiscard]] Matrices make_columns(std::int64_t height) const;
  [[nodiscard]] at::Tensor spectral(const Layer& layer, const at::Tensor& x, const Fourier& f,
                                    std::vector<float>* maxima) const;
  [[nodiscard]] fused::Joined ffc(const Layer& layer, const fused::Joined& in, const at::Tensor& residual,
                                  const Fourier& f, ChannelNumbers::Layer* maxima) const;

  LamaShape shape_;
  c10::Device device_;
  at::ScalarType type_;
  Weight first_, last_;
  std::array<Weight, 3> down_, up_;
  std::vector<Layer> layers_;
  std::map<std::int64_t, Matrices> rows_;     ///< by the width of the deepest maps
  std::map<std::int64_t, Matrices> columns_;  ///< by their height
};

}  // namespace inpaintd
