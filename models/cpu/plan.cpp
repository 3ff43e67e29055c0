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

  tensors_.add(work.scratch, work.scratch_stride * threads, input, last_layer);
  tensors_.add(packed, packed_image() * images, input, first_layer);
  tensors_.add(first, map(shape.ngf, 1, halo_for_down), first_layer, down_0);
  tensors_.add(down[0], map(2 * shape.ngf, 2, halo_for_down), down_0, down_1);
  tensors_.add(down[1], map(4 * shape.ngf, 4, halo_for_down), down_1, down_2);
  tensors_.add(x, state, down_2, blocks);
  tensors_.add(y, state, blocks, blocks);
  tensors_.add(conv2, map(shape.global, 8, no_halo), blocks, blocks);
  tensors_.add(half, half_state, blocks, blocks);
  tensors_.add(spectrum, frequencies, blocks, blocks);
  tensors_.add(filtered, frequencies, blocks, blocks);
  tensors_.add(work.points_in, points, blocks, blocks);
  tensors_.add(work.points_out, points, blocks, blocks);
  tensors_.add(decoder, map(all, 8, halo_for_up), blocks, up_0);
  tensors_.add(up[0], map(4 * shape.ngf, 4, halo_for_up), up_0, up_1);
  tensors_.add(up[1], map(2 * shape.ngf, 2, halo_for_up), up_1, up_2);
  tensors_.add(up[2], map(shape.ngf, 1, halo_for_last), up_2, last_layer);
  arena_floats_ = tensors_.place(steps);
}

}  // namespace inpaintd::cpu
