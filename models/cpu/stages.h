// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "models/cpu/fft_plan.h"
#include "models/cpu/kernels/kernels.h"
#include "models/cpu/layout.h"
#include "models/cpu/packing.h"
#include "models/cpu/pool.h"
#include "models/cpu/profile.h"

namespace inpaintd::cpu {

/// The operations after the sum of a 1x1 convolution.
struct Epilogue {
  bool relu = false;
  float bias_scale = 1;
  const View* add = nullptr;  ///< added after the ReLU
};

/// Memory whose contents are used within one layer only.
struct Workspace {
  float* points_in = nullptr;   ///< for winograd(): winograd_floats() floats
  float* points_out = nullptr;  ///< of the same size
  float* scratch = nullptr;     ///< scratch_stride floats for each thread
  Stride scratch_stride = 0;
};

/// A transposed convolution as four sub-pixel convolutions, one for each parity of the output pixel: parity 2 * (row %
/// 2)
/// + column % 2.
struct PackedUp {
  PackedConv parity[4];
};

/// The input pixels that a sub-pixel convolution of this parity reads. In one dimension, out[2i] = w1 x[i] and
/// out[2i+1] = w2 x[i] + w0 x[i+1].
std::vector<Tap> up_input_taps(int parity);
/// The elements of the transposed kernel that belong to up_input_taps, in the same order.
std::vector<Tap> up_kernel_taps(int parity);

/// The layers of the network. Each layer is divided into pieces that stay in cache, which the threads of the pool
/// share. Views must have the block width of this kernel set.
class Stages {
 public:
  Stages(const Kernels& kernels, Pool& pool) : kernels_(kernels), pool_(pool) {}

  /// Measures all later layers in `profile`; nullptr measures nothing.
  void account(Profile* profile) { profile_ = profile; }

  /// Runs body(unit, worker) for all units, and adds the time and `flops` to the profile.
  template <class Body>
  void run(LayerClass layer, double flops, int units, const Body& body) {
    if (!profile_) return pool_.parallel(units, body);
    const auto start = std::chrono::steady_clock::now();
    pool_.parallel(units, body);
    Profile::Entry& entry = (*profile_)[layer];
    entry.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    entry.flops += flops;
  }

  /// The first layer, 7x7 on `packed`: [image][height + 6][width + 8][4], reflected and filled up with zeros to the
  /// right.
  void first(const PackedConv& w, const float* packed, const View& out);
  /// A 3x3 convolution of stride 2; the halo of `in` is its padding.
  void down(const PackedConv& w, const View& in, const View& out);
  /// A 1x1 convolution.
  void pointwise(LayerClass layer, const PackedConv& w, const View& in, const View& out, const Epilogue& epilogue);
  /// The two-dimensional real Fourier transform, unnormalised, times `scale`.
  void spectrum_forward(const View& in, const View& spectrum, float scale, const FftPlan& along_height,
                        const FftPlan& along_width, const Workspace& work);
  /// The inverse of the unscaled spectrum_forward(), but for the factor height * width. Overwrites `spectrum`.
  void spectrum_inverse(const View& spectrum, const View& out, const FftPlan& along_height, const FftPlan& along_width,
                        const Workspace& work);
  /// Computes out = residual + relu(3x3(in) + [0 | add]), where to_local reads all of `in` and local_to_global its
  /// local blocks. `residual` may be nullptr.
  void winograd(const PackedWinograd& to_local, const PackedWinograd& local_to_global, const View& in, const View& add,
                const View* residual, const View& out, const Workspace& work);
  /// A transposed 3x3 convolution of stride 2 of the window of `in`.
  void up(const PackedUp& w, const View& in, const Window& window, const View& out);
  /// The last layer, 7x7 and sigmoid: calls sink(image, y, row of [window width][3] floats) for each row of the window.
  template <class Sink>
  void last(const PackedConv& w, const float* bias, const View& in, const Window& window, const Workspace& work,
            const Sink& sink) {
    prepare_last(in);
    const int rows = window.y1 - window.y0;
    run(LayerClass::last, flops(w, window.x1 - window.x0 + 6.0) * rows * in.images, rows * in.images,
        [&](int unit, int worker) {
          const int image = unit / rows;
          const int y = window.y0 + unit % rows;
          sink(image, y, last_row(w, bias, in, image, y, window, work.scratch + worker * work.scratch_stride));
        });
  }

  /// Sets the halo of `v` to zero.
  void zero_halo(const View& v);

  /// Rows of tiles that one round of winograd() works on.
  static int winograd_rows(const View& in);
  /// Floats of Workspace::points_in for an input like `in`, of which `locals` blocks are local.
  static Stride winograd_floats(const View& in, int locals);
  /// Floats of scratch memory that last() needs for each thread, for a picture of this width.
  static Stride last_scratch_floats(int width, int block);

 private:
  [[nodiscard]] double flops(const PackedConv& w, double pixels) const {
    return 2.0 * w.k_blocks * kernels_.width * w.n_blocks * kernels_.width * pixels;
  }
  void prepare_last(const View& in);
  const float* last_row(const PackedConv& w, const float* bias, const View& in, int image, int y, const Window& window,
                        float* scratch) const;
  struct Round;
  /// A range of output blocks (n) and of input blocks (k) of a product.
  struct Part {
    int n_begin = 0;
    int n_count = 0;
    int k_begin = 0;
    int k_count = 0;
  };
  void to_points(const Round& r, const View& in, const Workspace& work);
  void products(const Round& r, const PackedWinograd& w, const Part& part, const Workspace& work);
  void from_points(const Round& r, const float* bias, const View* add, const View* residual, const View& out,
                   const Workspace& work);

  const Kernels& kernels_;
  Pool& pool_;
  Profile* profile_ = nullptr;
  std::vector<Stride> offsets_[4];
};

}  // namespace inpaintd::cpu
