// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <utility>

#include "core/result.h"

namespace inpaintd::tools {

/// Returns the value, or throws std::runtime_error with the message of the error.
template <class T, class E>
T or_throw(Result<T, E> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

}  // namespace inpaintd::tools
