// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"
#include "models/lama/weights.h"

namespace inpaintd::tools {

/// Multiplications and additions of one picture through the network by the textbook: every convolution as it is
/// defined, Fourier transforms and activations not counted. 440e9 for big-lama at 512x512.
double nominal_flops(const LamaShape& shape, Size size);

}  // namespace inpaintd::tools
