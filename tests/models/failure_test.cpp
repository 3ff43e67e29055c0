// SPDX-License-Identifier: Apache-2.0
#include <c10/util/Exception.h>
#include <doctest/doctest.h>

#include <new>
#include <stdexcept>

#include "models/torch_engine.h"

namespace inpaintd {

using Kind = EngineFailure::Kind;

TEST_CASE("a failure's kind says what the caller can do: a smaller batch, another device, or give up") {
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
           Case{"CUDA error: invalid argument", Kind::failed},
           Case{"The size of tensor a (3) must match", Kind::failed},
       }) {
    CAPTURE(c.what);
    CHECK(failure_of(c.what).kind == c.kind);
  }
}

TEST_CASE("a failure's message is the one line that matters") {
  CHECK(failure_of("The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript:\n"
                   "  File \"x.py\", line 3\nRuntimeError: sizes differ\n")
            .message == "sizes differ");
  CHECK(failure_of("\nfirst line\nsecond line").message == "first line");
  CHECK(failure_of("").message == "LibTorch failed without saying why");
}

TEST_CASE("whatever is thrown becomes a failure") {
  const auto failure_from = [](auto exception) {
    return guarded([&]() -> Result<int, EngineFailure> { throw exception; }).error();
  };
  CHECK(failure_from(std::runtime_error("no")).message == "no");
  CHECK(failure_from(std::bad_alloc()).kind == Kind::out_of_memory);
  CHECK(failure_from(c10::OutOfMemoryError(c10::SourceLocation{"f", "g", 1}, "all full")).kind == Kind::out_of_memory);
  CHECK(failure_from(42).kind == Kind::failed);
}

}  // namespace inpaintd
