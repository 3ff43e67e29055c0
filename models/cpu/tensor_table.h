// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "models/cpu/layout.h"

namespace inpaintd::cpu {

/// Every tensor of a network once, with its size and the steps of the network between which it holds its values.
/// place() finds places in an arena, where tensors that are never needed at the same time share memory, and bind() sets
/// the tensors' addresses. The table points to the tensors, which must stay where they are.
class TensorTable {
 public:
  /// Gives `tensor` the shape of `shape`; its memory follows in bind(). Throws std::bad_alloc, like the next two.
  void add(View& tensor, const View& shape, int written, int read);
  void add(float*& tensor, Stride floats, int written, int read);
  /// Returns the floats of the arena for a network of `steps` steps.
  std::size_t place(int steps);
  void bind(float* arena);

 private:
  /// A tensor and the steps that write it first and read it last.
  struct Tensor {
    View* view = nullptr;      ///< the view to bind, or nullptr
    float** memory = nullptr;  ///< the pointer to set where there is no view
    std::size_t floats = 0;
    int written = 0;
    int read = 0;
    std::size_t offset = 0;
  };

  std::vector<Tensor> tensors_;
};

}  // namespace inpaintd::cpu
