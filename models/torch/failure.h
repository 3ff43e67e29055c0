// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "models/inpainter.h"

namespace inpaintd {

/// Thrown when every call of the device fails; the text is that of the first failure.
struct DeviceLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The failure for the text of an exception, with a message of one line.
EngineFailure failure_of(const std::string& what);

/// The kind of failure for an error code of the CUDA runtime (cudaError_t).
EngineFailure::Kind kind_of_cuda_error(int code);

/// The failure for the exception that is being handled. Called in a catch block.
EngineFailure current_failure() noexcept;

/// Calls `action`, and turns an exception into an EngineFailure.
template <class Action>
auto guarded(Action action) -> decltype(action()) {
  try {
    return action();
  } catch (...) {
    return current_failure();
  }
}

}  // namespace inpaintd
