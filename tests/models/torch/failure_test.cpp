// SPDX-License-Identifier: Apache-2.0
#include <c10/util/Exception.h>
#include <doctest/doctest.h>

#include <new>
#include <stdexcept>

#include "models/torch/failure.h"

namespace inpaintd {

using Kind = EngineFailure::Kind;

TEST_CASE("a failure's kind tells the caller to try a smaller batch, another device, or nothing") {
  struct Case {
    const char* what;
    Kind kind;
  };
  for (const Case& c : {
           Case{"CUDA out of memory. Tried to allocate 2.00 GiB", Kind::out_of_memory},
           Case{"CUDNN_STATUS_ALLOC_FAILED", Kind::out_of_memory},
           Case{"[enforce fail at alloc_cpu.cpp:66] DefaultCPUAllocator: can't allocate memory", Kind::out_of_memory},
           Case{"CUDA error: an illegal memory access was encountered", Kind::device_lost},
           Case{"CUDA error: device-side assert triggered", Kind::device_lost},
           Case{"CUDA error: unspecified launch failure", Kind::device_lost},
           Case{"CUDA error: uncorrectable ECC error encountered", Kind::device_lost},
           Case{"CUDA error: an uncorrectable NVLink error was detected during the execution", Kind::device_lost},
           Case{"CUDA error: invalid program counter", Kind::device_lost},
           Case{"CUDA error: operation not supported on global/shared address space", Kind::device_lost},
           Case{"CUDA error: Invalid access of peer GPU memory over nvlink or a hardware error", Kind::device_lost},
           Case{"CUDA error: MPS client failed to connect to the MPS control daemon", Kind::device_lost},
           Case{"FIND was unable to find an engine to execute this computation", Kind::out_of_memory},
           Case{"GET was unable to find an engine to execute this computation", Kind::out_of_memory},
           Case{"CUDA error: invalid argument", Kind::failed},
           Case{"cuDNN error: CUDNN_STATUS_INTERNAL_ERROR", Kind::failed},  // the device is checked instead
           Case{"The size of tensor a (3) must match", Kind::failed},
       }) {
    CAPTURE(c.what);
    CHECK(failure_of(c.what).kind == c.kind);
  }
}

TEST_CASE("an error code of the CUDA runtime has the same kinds") {
  CHECK(kind_of_cuda_error(2) == Kind::out_of_memory);  // cudaErrorMemoryAllocation
  for (const int code : {4, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 805}) {
    CAPTURE(code);
    CHECK(kind_of_cuda_error(code) == Kind::device_lost);
  }
  for (const int code : {0, 1, 98, 209, 500, 701, 900}) {  // a mistake in one call, a capture that cannot go on
    CAPTURE(code);
    CHECK(kind_of_cuda_error(code) == Kind::failed);
  }
}

TEST_CASE("a failure's message is the one line with the cause") {
  CHECK(failure_of("The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript:\n"
                   "  File \"x.py\", line 3\nRuntimeError: sizes differ\n")
            .message == "sizes differ");
  CHECK(failure_of("\nfirst line\nsecond line").message == "first line");
  CHECK(failure_of("").message == "LibTorch failed without a message");
}

TEST_CASE("every exception becomes a failure") {
  const auto failure_from = [](auto exception) {
    return guarded([&]() -> Result<int, EngineFailure> { throw exception; }).error();
  };
  CHECK(failure_from(std::runtime_error("no")).message == "no");
  CHECK(failure_from(std::bad_alloc()).kind == Kind::out_of_memory);
  CHECK(failure_from(c10::OutOfMemoryError(c10::SourceLocation{"f", "g", 1}, "all full")).kind == Kind::out_of_memory);
  CHECK(failure_from(DeviceLost("out of memory")).kind == Kind::device_lost);
  CHECK(failure_from(42).kind == Kind::failed);
}

}  // namespace inpaintd
