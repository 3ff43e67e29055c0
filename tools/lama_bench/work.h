// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"
#include "models/model_file.h"

namespace inpaintd::tools {

/// The number of multiplications and additions for one picture by the definition of the network: every convolution is
/// counted as it is defined, without Fourier transforms and activations. 440e9 for big-lama at 512x512.
double nominal_flops(const LamaShape& shape, Size size);
/// The same for MI-GAN, whose filters of halving and doubling are counted too; 29.4e9 for MI-GAN-512 at 512x512.
double nominal_flops(const MiganShape& shape, Size size);
/// The same for the network of a model file; 0 for a TorchScript module.
double nominal_flops(const Model& model, Size size);

}  // namespace inpaintd::tools
