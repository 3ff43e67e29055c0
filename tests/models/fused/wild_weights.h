// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/lama/weights.h"

namespace inpaintd {

/// A network that large red areas, and nothing in the sample pictures, drive to 3.4e38: within fp32, beyond 16 bits. No
/// later layer makes use of that value.
LamaWeights afraid_of_red();

}  // namespace inpaintd
