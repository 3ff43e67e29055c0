// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/pixels.h"
#include "models/cpu/stages.h"
#include "models/cpu/tensor_table.h"

namespace inpaintd::cpu {

/// The maps of the network for one size and batch, and what else depends on the size.
///
/// A view that is not in the table of tensors has no memory and is never used.
class Plan {
 public:
  /// Plans for a kernel set whose vectors have `block` floats, and `threads` threads. Throws std::bad_alloc.
  Plan(const LamaShape& shape, int block, int threads, Size size, int images);
  Plan(const Plan&) = delete;  // the table points into the object
  Plan& operator=(const Plan&) = delete;

  [[nodiscard]] std::size_t arena_floats() const { return arena_floats_; }
  /// Gives every tensor its place in an arena of arena_floats() floats.
  void bind(float* arena) { tensors_.bind(arena); }

  [[nodiscard]] bool is_for(Size wanted, int count) const { return size == wanted && images == count; }
  /// Floats of one image of `packed`.
  [[nodiscard]] Stride packed_image() const { return packed_row * (size.height + 6); }

  Size size;
  int images = 0;
  Stride packed_row = 0;    ///< floats
  float* packed = nullptr;  ///< the network's input, [image][height + 6][width + 8][4]
  View first, down[2];
  View x, y;  ///< the input of a residual block, and the result of the block's first layer
  View conv2, half, spectrum, filtered;
  View decoder;  ///< the last block's result, with the halo that the decoder reads
  View up[3];
  Workspace work;
  FftPlan along_height;
  FftPlan along_width;

 private:
  /// The steps of the network, in order of execution.
  enum Step { input, first_layer, down_0, down_1, down_2, blocks, up_0, up_1, up_2, last_layer, steps };

  TensorTable tensors_;
  std::size_t arena_floats_ = 0;
};

}  // namespace inpaintd::cpu
