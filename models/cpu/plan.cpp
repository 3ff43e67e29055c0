// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/plan.h"

#include <algorithm>

namespace inpaintd::cpu {

Plan::Plan(const LamaShape& shape, int block, int threads, Size size, int images)
    : size(size),
      images(images),
      packed_row((static_cast<Stride>(size.width) + 8) * 4),
      along_height(size.height / 8),
      along_width(size.width / 8) {
  const auto map = [&](int channels, int scale, Halo halo) {
    return View::of(block, ceil_div(channels, block), images, size.height / scale, size.width / scale, halo);
  };
  // Local and global channels start in blocks of their own.
  const int local = ceil_div(shape.local, block), all = (local + ceil_div(shape.global, block)) * block;
  const View state = map(all, 8, no_halo), half_state = map(shape.global / 2, 8, no_halo);
  const View frequencies = View::of(block, 2 * half_state.blocks, images, state.height, state.width / 2 + 1, no_halo);
  const Stride points = Stages::winograd_floats(state, local);
  work.scratch_stride =
      odd_lines(std::max(Stages::last_scratch_floats(size.width, block),
                         (10 * static_cast<Stride>(std::max(state.height, state.width)) + 8) * block));

  tensors_.reserve(17);
  add(work.scratch, work.scratch_stride * threads, input, last_layer);
  add(packed, packed_image() * images, input, first_layer);
  add(first, map(shape.ngf, 1, halo_for_down), first_layer, down_0);
  add(down[0], map(2 * shape.ngf, 2, halo_for_down), down_0, down_1);
  add(down[1], map(4 * shape.ngf, 4, halo_for_down), down_1, down_2);
  add(x, state, down_2, blocks);
  add(y, state, blocks, blocks);
  add(conv2, map(shape.global, 8, no_halo), blocks, blocks);
  add(half, half_state, blocks, blocks);
  add(spectrum, frequencies, blocks, blocks);
  add(filtered, frequencies, blocks, blocks);
  add(work.points_in, points, blocks, blocks);
  add(work.points_out, points, blocks, blocks);
  add(decoder, map(all, 8, halo_for_up), blocks, up_0);
  add(up[0], map(4 * shape.ngf, 4, halo_for_up), up_0, up_1);
  add(up[1], map(2 * shape.ngf, 2, halo_for_up), up_1, up_2);
  add(up[2], map(shape.ngf, 1, halo_for_last), up_2, last_layer);
  place();
}

void Plan::add(View& tensor, const View& shape, Step written, Step read) {
  tensor = shape;
  tensors_.push_back({.view = &tensor, .floats = shape.floats(), .written = written, .read = read});
}

void Plan::add(float*& tensor, Stride floats, Step written, Step read) {
  tensors_.push_back({.memory = &tensor, .floats = static_cast<std::size_t>(floats), .written = written, .read = read});
}

/// A step's results are placed while its inputs still hold their memory.
void Plan::place() {
  ArenaPlan arena;
  for (int step = input; step != steps; ++step) {
    for (Tensor& each : tensors_)
      if (each.written == step) each.offset = arena.take(each.floats);
    for (const Tensor& each : tensors_)
      if (each.read == step) arena.release(each.offset);
  }
  arena_floats_ = arena.peak();
}

void Plan::bind(float* arena) {
  for (const Tensor& each : tensors_) {
    if (each.view)
      each.view->bind(arena + each.offset);
    else
      *each.memory = arena + each.offset;
  }
}

}  // namespace inpaintd::cpu
