// SPDX-License-Identifier: Apache-2.0
#pragma once

// Stands in for the header of the CUDA toolkit: what kernels.cu needs to be compiled as plain C++.

#include <cmath>

#define __global__
#define __device__

struct Index {
  unsigned x = 0;
};
inline thread_local Index gridDim, blockDim, blockIdx, threadIdx;

using cudaStream_t = void*;
enum cudaError_t { cudaSuccess };
inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline const char* cudaGetErrorString(cudaError_t) { return "no error"; }

using std::isfinite;
