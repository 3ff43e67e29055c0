// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "models/inpainter.h"

namespace inpaintd {

/// Thrown when the device answers every call with an error, whatever was seen first.
struct DeviceLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The failure that an exception's text stands for, in words that fit one line.
EngineFailure failure_of(const std::string& what);

/// What an error code of the CUDA runtime means for the caller.
EngineFailure::Kind kind_of_cuda_error(int code);

/// The failure that the exception being handled stands for.
EngineFailure current_failure() noexcept;

/// Calls `action` and turns what LibTorch throws into an EngineFailure.
template <class Action>
auto guarded(Action action) -> decltype(action()) {
  try {
    return action();
  } catch (...) {
    return current_failure();
  }
}

}  // namespace inpaintd
