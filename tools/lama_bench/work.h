// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"
#include "models/lama/weights.h"

namespace inpaintd::tools {

/// The number of multiplications and additions for one picture by the definition of the network: every convolution is
/// counted as it is defined, without Fourier transforms and activations. 440e9 for big-lama at 512x512.
double nominal_flops(const LamaShape& shape, Size size);

}  // namespace inpaintd::tools
