# SPDX-License-Identifier: Apache-2.0
# Stands in for a LibTorch with CUDA: the one without in STAND_IN_FOR, and the targets that tell one with.
include("${STAND_IN_FOR}/TorchConfig.cmake")
set(CMAKE_CUDA_ARCHITECTURES OFF)  # as LibTorch's own package does
if(NOT TARGET torch_cuda)  # a folder below may look again
  add_library(torch_cuda INTERFACE IMPORTED)
  add_library(c10_cuda SHARED IMPORTED)
  set_target_properties(c10_cuda PROPERTIES IMPORTED_LOCATION "${STAND_IN_LIBRARY}")
endif()
