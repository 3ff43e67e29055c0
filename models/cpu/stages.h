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

/// What follows the sum in a 1x1 convolution.
struct Epilogue {
  bool relu = false;
  float bias_scale = 1;
  const View* add = nullptr;  ///< added after the ReLU
};

/// Memory for what lives within one layer only.
struct Workspace {
  float* points_in = nullptr;  ///< Winograd, as many floats as winograd_floats() says
  float* points_out = nullptr;
  float* scratch = nullptr;  ///< scratch_stride floats for each thread
  Stride scratch_stride = 0;
};

/// Four sub-pixel convolutions, (output row parity, output column parity) = (0,0), (0,1), (1,0), (1,1).
struct PackedUp {
  PackedConv parity[4];
};

/// The input's taps of a parity, and the kernel's: out[2i] = w1 x[i]; out[2i+1] = w2 x[i] + w0 x[i+1].
std::vector<Tap> up_input_taps(int parity);
std::vector<Tap> up_kernel_taps(int parity);

/// The layers, each shared out over the pool in pieces that stay in cache. Views must be of this kernel set's width.
class Stages {
 public:
  Stages(const Kernels& kernels, Pool& pool) : kernels_(kernels), pool_(pool) {}

  /// Accounts what follows to `profile`, or to nothing.
  void account(Profile* profile) { profile_ = profile; }

  /// Runs body(unit, worker) for all units and accounts the time.
  template <class Body>
  void run(LayerClass layer, double flops, int units, const Body& body) {
    if (!profile_) return pool_.parallel(units, body);
    const auto start = std::chrono::steady_clock::now();
    pool_.parallel(units, body);
    Profile::Entry& entry = (*profile_)[layer];
    entry.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    entry.flops += flops;
  }

  /// 7x7 on `packed`: [image][height + 6][width + 8][4], reflected and filled up with zeros to the right.
  void first(const PackedConv& w, const float* packed, const View& out);
  /// 3x3, stride 2, reflect padding from in's halo.
  void down(const PackedConv& w, const View& in, const View& out);
  void pointwise(LayerClass layer, const PackedConv& w, const View& in, const View& out, const Epilogue& epilogue);
  void spectrum_forward(const View& in, const View& spectrum, float scale, const FftPlan& along_height,
                        const FftPlan& along_width, const Workspace& work);
  void spectrum_inverse(const View& spectrum, const View& out, const FftPlan& along_height, const FftPlan& along_width,
                        const Workspace& work);
  /// out = residual + relu(3x3(in) + [0 | add]): to_local reads all of `in`, local_to_global its local blocks.
  void winograd(const PackedWinograd& to_local, const PackedWinograd& local_to_global, const View& in, const View& add,
                const View* residual, const View& out, const Workspace& work);
  /// Transposed 3x3, stride 2, of the window of `in`.
  void up(const PackedUp& w, const View& in, const Window& window, const View& out);
  /// 7x7 and sigmoid; calls sink(image, y, row of [window width][3] floats) for each row of the window.
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

  /// Fills the zero halo of `v`, whose pixels are complete.
  void zero_halo(const View& v);

  /// Tiles that one round of winograd() works on, and what it needs for them.
  static int winograd_rows(const View& in);
  static Stride winograd_floats(const View& in, int locals);
  static Stride last_scratch_floats(int width, int block);

 private:
  [[nodiscard]] double flops(const PackedConv& w, double pixels) const {
    return 2.0 * w.k_blocks * kernels_.width * w.n_blocks * kernels_.width * pixels;
  }
  void prepare_last(const View& in);
  const float* last_row(const PackedConv& w, const float* bias, const View& in, int image, int y, const Window& window,
                        float* scratch) const;
  struct Round;
  /// Blocks of outputs and inputs.
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
