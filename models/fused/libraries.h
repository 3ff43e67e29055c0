// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/ScalarType.h>

#include "models/engine_options.h"

namespace inpaintd {

/// LibTorch's type for a precision; fp32 for `automatic`.
at::ScalarType type_of(Precision precision);

/// Sets those settings of the process on which the numbers and the speed of networks depend.
void set_up_libraries();

}  // namespace inpaintd
