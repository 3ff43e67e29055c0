// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime.h>

#include <vector>

/// Emulated GPUs: tensors on the devices cuda:0 to cuda:7 in the host's memory, and the project's kernels run by the
/// CPU. Only those operations of LibTorch exist on these devices that models/fused/ops.cpp needs.
namespace inpaintd {

/// The device and the stream of a kernel launch.
struct Launch {
  int device;
  void* stream;
};

/// The launches of this process so far, in order.
std::vector<Launch>& launches();
void note_launch(void* stream);

template <class Kernel>
void emulate(void* stream, unsigned blocks, unsigned threads, const Kernel& kernel) {
  note_launch(stream);
  gridDim.x = blocks;
  blockDim.x = threads;
  for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
    for (threadIdx.x = 0; threadIdx.x < threads; ++threadIdx.x) kernel();
}

}  // namespace inpaintd
