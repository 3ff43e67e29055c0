// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/tensor_table.h"

#include "models/cpu/memory.h"

namespace inpaintd::cpu {

void TensorTable::add(View& tensor, const View& shape, int written, int read) {
  tensor = shape;
  tensors_.push_back({.view = &tensor, .floats = shape.floats(), .written = written, .read = read});
}

void TensorTable::add(float*& tensor, Stride floats, int written, int read) {
  tensors_.push_back({.memory = &tensor, .floats = static_cast<std::size_t>(floats), .written = written, .read = read});
}

/// A step's results are placed while its inputs still hold their memory.
std::size_t TensorTable::place(int steps) {
  ArenaPlan arena;
  for (int step = 0; step < steps; ++step) {
    for (Tensor& each : tensors_)
      if (each.written == step) each.offset = arena.take(each.floats);
    for (const Tensor& each : tensors_)
      if (each.read == step) arena.release(each.offset);
  }
  return arena.peak();
}

void TensorTable::bind(float* arena) {
  for (const Tensor& each : tensors_) {
    if (each.view)
      each.view->bind(arena + each.offset);
    else
      *each.memory = arena + each.offset;
  }
}

}  // namespace inpaintd::cpu
