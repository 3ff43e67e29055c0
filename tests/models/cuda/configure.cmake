# SPDX-License-Identifier: Apache-2.0
# Configures the tree as on a machine whose LibTorch has CUDA, so that mistakes are found on machines without CUDA: a
# stand-in LibTorch, toolkit and compiler are used, independent of installed ones. Nothing is built with them.
#
#   cmake -DSOURCE=DIR -DBINARY=DIR -DTORCH=DIR -DGENERATOR=NAME -P configure.cmake
set(toolkit "${BINARY}/toolkit")
file(REMOVE_RECURSE "${BINARY}")
file(WRITE "${toolkit}/bin/nvcc" "#!/bin/sh\necho 'Cuda compilation tools, release 12.8, V12.8.61'\n")
file(CHMOD "${toolkit}/bin/nvcc" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
file(WRITE "${toolkit}/include/cuda_runtime.h" "")
file(WRITE "${toolkit}/include/cuda.h" "")
file(WRITE "${toolkit}/lib64/libcudart.so" "")

# Leaves the exit code in `result` and what was printed in `output`.
macro(configure runtime)
  file(WRITE "${toolkit}/libc10_cuda.so" "libc10.so\n${runtime}\n")
  # The variables have the results that CMake would get by running the compiler.
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BINARY}/tree" -G "${GENERATOR}" -DINPAINTD_ENGINE_ONLY=ON
      "-DTorch_DIR=${CMAKE_CURRENT_LIST_DIR}/torch" "-DSTAND_IN_FOR=${TORCH}"
      "-DSTAND_IN_LIBRARY=${toolkit}/libc10_cuda.so" "-DCUDAToolkit_ROOT=${toolkit}"
      "-DCMAKE_CUDA_COMPILER=${toolkit}/bin/nvcc" -DCMAKE_CUDA_COMPILER_FORCED=ON -DCMAKE_CUDA_COMPILER_ID_RUN=ON
      "-D_CMAKE_CUDA_WHOLE_FLAG=-c"
      ${ARGN}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
endmacro()

function(fail what)
  message(FATAL_ERROR "${what}\n${output}")
endfunction()

configure(libcudart.so.12 -DCMAKE_CUDA_ARCHITECTURES=75)
if(NOT result EQUAL 0)
  fail("the tree cannot be configured with a LibTorch that has CUDA")
endif()
file(READ "${BINARY}/tree/compile_commands.json" commands)
foreach(wanted IN ITEMS "${SOURCE}/models/fused/cuda/device.cpp" "${SOURCE}/models/fused/cuda/kernels.cu" INPAINTD_CUDA)
  string(FIND "${commands}" "${wanted}" at)
  if(at EQUAL -1)
    fail("${wanted} is missing from the commands that compile")
  endif()
endforeach()
file(STRINGS "${BINARY}/tree/CMakeCache.txt" architectures REGEX "^INPAINTD_CUDA_ARCHITECTURES")
if(NOT architectures MATCHES "=75$")
  fail("the architectures that were asked for are lost: ${architectures}")
endif()

configure(libcudart-9a8b7c6d.so.11.0)
if(result EQUAL 0 OR NOT output MATCHES "LibTorch was built for CUDA 11")
  fail("a LibTorch for another CUDA than nvcc's is taken, or refused for another reason")
endif()
