// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/migan/weights.h"
#include "tests/models/reference.h"

namespace inpaintd::reference {

/// MI-GAN as LaMa in reference.h: image [3,H,W] in 0..1 and mask [1,H,W] -> prediction [3,H,W], not limited to 0..1.
Map predict(const MiganWeights& weights, const Map& image, const Map& mask);

}  // namespace inpaintd::reference
