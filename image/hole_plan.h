// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "core/input.h"
#include "core/lru_cache.h"
#include "image/fingerprint.h"
#include "image/geometry.h"

namespace inpaintd {

/// Does all the work on a decoded mask: dilates it and plans the runs by `options`, cuts the masks of the tiles, and
/// computes the needed part of each prediction and its blending weights.
HolePlan plan_holes(Pixels mask, const Options& options, const TilingLimits& limits);

/// The memory of a plan in bytes.
std::size_t bytes_of(const HolePlan& plan);

/// Plans of earlier requests, by the fingerprint of (mask, picture size, options). All plans of one cache are made with
/// the same TilingLimits.
struct HolePlans {
  const Fingerprinter& fingerprinter;
  LruCache<HolePlan>& cache;
};

}  // namespace inpaintd
