// SPDX-License-Identifier: Apache-2.0
// The kernels as C++: each block's threads run one after the other.
#include <algorithm>

#include "tests/models/cuda/emulation.h"

// At most three blocks, so that threads also have more than one element each.
#define INPAINTD_LAUNCH(kernel, total, stream, argument) \
  inpaintd::emulate(stream, std::min(blocks(total), 3U), threads_per_block, [&] { kernel(argument); })

#include "models/fused/cuda/kernels.cu"
