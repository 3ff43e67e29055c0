// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace inpaintd::cpu {

/// The classes of layers by which the time of a forward pass is measured.
enum class LayerClass {
  input,
  first,
  down,
  conv1,
  fft,
  spectral,
  conv2,
  winograd_in,
  winograd_gemm,
  winograd_out,
  up,
  last,
  encoder,
  decoder
};

/// A class of layers with its name in reports.
struct LayerClassInfo {
  LayerClass layer;
  const char* name;
};

inline constexpr std::array layer_classes{
    LayerClassInfo{LayerClass::input, "input u8 to float"},
    LayerClassInfo{LayerClass::first, "first 7x7"},
    LayerClassInfo{LayerClass::down, "down 3x3 stride 2"},
    LayerClassInfo{LayerClass::conv1, "1x1 before the FFT"},
    LayerClassInfo{LayerClass::fft, "FFT and inverse"},
    LayerClassInfo{LayerClass::spectral, "1x1 on the spectrum"},
    LayerClassInfo{LayerClass::conv2, "1x1 after the FFT"},
    LayerClassInfo{LayerClass::winograd_in, "3x3: to 36 points"},
    LayerClassInfo{LayerClass::winograd_gemm, "3x3: products"},
    LayerClassInfo{LayerClass::winograd_out, "3x3: from 36 points"},
    LayerClassInfo{LayerClass::up, "up, sub-pixel"},
    LayerClassInfo{LayerClass::last, "last 7x7, sigmoid"},
    LayerClassInfo{LayerClass::encoder, "encoder, separable"},
    LayerClassInfo{LayerClass::decoder, "decoder, separable"},
};

/// Wall time and floating-point work by class of layer. The work counts the multiplications and additions that were
/// done, padding included.
struct Profile {
  struct Entry {
    double seconds = 0;
    double flops = 0;
  };
  std::array<Entry, layer_classes.size()> entries{};

  Entry& operator[](LayerClass layer) { return entries[static_cast<std::size_t>(layer)]; }
  const Entry& operator[](LayerClass layer) const { return entries[static_cast<std::size_t>(layer)]; }
};

}  // namespace inpaintd::cpu
