// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pixels.h"

namespace inpaintd {

/// Replaces the samples of `values` where `known` is 0 by a smooth continuation of the others: the mean of known
/// neighbours, in a distance that grows with the distance to them (pull-push; Gortler et al., The Lumigraph, 1996).
/// Without a known sample nothing changes. Needs up to 3 floats for each channel and pixel. Internal to image/.
void extend(Pixels& values, const Pixels& known);

}  // namespace inpaintd
