// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// The interface between the units that are compiled per instruction set (isa_*.cpp) and the rest of the engine. These
/// units have flags of their own and may share no inline function with other code, because the linker might keep the
/// copy with AVX instructions for the whole program. So this header has plain structs and pointers, and no standard
/// containers. All strides are in floats; a "pixel" holds one block of `width` channels.
namespace inpaintd::cpu {

using Stride = std::ptrdiff_t;

/// A product c[row, column, n] = epilogue(sum over k of a[row, column, k] * b[k, n]), where the k-th block of `width`
/// inputs starts at a + k_offset[k]. With one offset for each (tap, channel block) the product is a convolution.
struct GemmArgs {
  const float* a = nullptr;
  Stride a_row = 0;    ///< from one row of pixels to the next
  Stride a_pixel = 0;  ///< from one pixel to the next: width, 2 * width, or 4 (packed RGB + mask)
  const Stride* k_offset = nullptr;
  int k_blocks = 0;
  const float* b = nullptr;  ///< packed by packing.h: panels of 2 * width outputs, [panel][k][output]
  int b_blocks = 0;          ///< blocks of k in a panel of b; more than k_blocks if only a part of b is used
  int b_begin = 0;           ///< the first of these blocks to use
  bool accumulate = false;   ///< whether to add to the values in c
  float* c = nullptr;
  Stride c_row = 0;
  Stride c_pixel = 0;
  Stride c_plane = 0;  ///< from one block of outputs to the next
  int rows = 1;
  int columns = 0;
  int n_blocks = 0;
  const float* bias = nullptr;  ///< [n_blocks * width], or nullptr; without a bias `relu` and `add` are ignored
  float bias_scale = 1;
  bool relu = false;
  const float* add = nullptr;  ///< added after the ReLU; indexed like c
};

/// The input transform of one row of 4x4 tiles of one channel block: 6x6 windows of x, with reflected borders, to 36
/// points each.
struct WinogradInput {
  const float* x = nullptr;  ///< the image's plane
  Stride row = 0;
  int height = 0;
  int width = 0;
  int tile_y = 0;
  int tiles = 0;       ///< tiles in the row
  float* v = nullptr;  ///< [36][...][tile]
  Stride point = 0;    ///< from one of the 36 points to the next
};

/// The output transform of one row of tiles: y = residual + relu(transform(m) + bias + add), cropped to height x width.
struct WinogradOutput {
  const float* m = nullptr;  ///< [36][...][tile]
  Stride point = 0;
  const float* bias = nullptr;
  const float* add = nullptr;       ///< or nullptr
  const float* residual = nullptr;  ///< or nullptr
  float* y = nullptr;
  Stride add_row = 0;
  Stride residual_row = 0;
  Stride y_row = 0;
  int height = 0;
  int width = 0;
  int tile_y = 0;
  int tiles = 0;
};

/// One stage of a mixed-radix transform.
struct FftStage {
  int radix = 1;
  int before = 1;                   ///< product of the radices of earlier stages
  int after = 1;                    ///< product of the radices of later stages
  const float* twiddles = nullptr;  ///< (cos, -sin) for [after][1..radix-1]
  const float* roots = nullptr;     ///< (cos, sin) of 2 pi t / radix, for radices without a butterfly of their own
};

inline constexpr int max_fft_stages = 16;

/// A mixed-radix complex transform of one length, made by fft_plan.h.
struct Fft {
  int length = 0;
  int stages = 0;
  FftStage stage[max_fft_stages];
};

/// The two-dimensional real transform of one channel block, or its inverse; unnormalised but for `scale`.
struct SpectrumArgs {
  const Fft* along_width = nullptr;
  const Fft* along_height = nullptr;
  float* image = nullptr;  ///< [height][width] pixels
  float* re = nullptr;     ///< [height][width / 2 + 1] pixels
  float* im = nullptr;
  float scale = 1;           ///< forward only
  float* scratch = nullptr;  ///< 10 * max(height, width) + 8 pixels
};

/// The end of the last layer for some columns of one row: sums the seven shifted columns, adds the bias, applies the
/// sigmoid.
struct FinishArgs {
  const float* t = nullptr;  ///< [21 outputs, blocked][columns + 6]: output colour * 7 + kx
  Stride plane = 0;
  int columns = 0;
  const float* bias = nullptr;  ///< [3]
  float* out = nullptr;         ///< [columns][3], and memory for `width` floats more
};

/// MI-GAN's first layer for one row of one block: out = leaky_relu(bias + weights * in).
struct FromRgbArgs {
  const float* in = nullptr;       ///< [columns][4]
  const float* weights = nullptr;  ///< [4][width]
  const float* bias = nullptr;     ///< [width]
  float* out = nullptr;            ///< [columns] pixels
  int columns = 0;
};

/// A 3x3 convolution of each channel alone and the leaky ReLU, for one row of one block.
struct DepthwiseArgs {
  const float* x[3] = {};  ///< the rows above, of and below the output; the pixels -1 and `columns` are read too
  const float* weights = nullptr;  ///< [9][width]
  const float* bias = nullptr;     ///< [width]
  float* out = nullptr;
  int columns = 0;
};

/// One row of half the resolution: the weights 1 3 3 1 in each direction, over 64.
struct HalveArgs {
  const float* x[4] = {};  ///< the rows 2y - 1 to 2y + 2 of output row y; the pixels -1 and 2 * columns are read too
  float* out = nullptr;
  int columns = 0;  ///< of the output
};

/// One row of twice the resolution: out = activation(bilinear + noise) + add.
struct DoubleArgs {
  const float* near = nullptr;   ///< the row that counts 3/4; the pixels -1 and `columns` are read too
  const float* far = nullptr;    ///< the row that counts 1/4; the same
  const float* noise = nullptr;  ///< [2 * columns], one number for all channels of a pixel; or nullptr
  const float* add = nullptr;    ///< [2 * columns] pixels, or nullptr
  bool activates = false;        ///< whether there is a leaky ReLU
  float* out = nullptr;          ///< [2 * columns] pixels
  int columns = 0;               ///< of the input
};

/// x = leaky_relu(x + noise) + add for one row of one block.
struct ActivateArgs {
  float* x = nullptr;
  const float* noise = nullptr;  ///< as in DoubleArgs
  const float* add = nullptr;
  int columns = 0;
};

/// The kernels of one instruction set.
struct Kernels {
  const char* name = "";
  int width = 0;  ///< channels in a block: floats in a vector
  void (*gemm)(const GemmArgs&) = nullptr;
  void (*winograd_input)(const WinogradInput&) = nullptr;
  void (*winograd_output)(const WinogradOutput&) = nullptr;
  void (*spectrum_forward)(const SpectrumArgs&) = nullptr;
  void (*spectrum_inverse)(const SpectrumArgs&) = nullptr;
  void (*finish)(const FinishArgs&) = nullptr;
  void (*from_rgb)(const FromRgbArgs&) = nullptr;
  void (*depthwise)(const DepthwiseArgs&) = nullptr;
  void (*halve)(const HalveArgs&) = nullptr;
  void (*double_row)(const DoubleArgs&) = nullptr;
  void (*activate)(const ActivateArgs&) = nullptr;
  double (*fma_loop)(long rounds) = nullptr;  ///< runs FMAs at the highest rate, and returns the number of operations
};

const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& portable_kernels();

}  // namespace inpaintd::cpu
