// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "core/input.h"
#include "core/lru_cache.h"
#include "image/fingerprint.h"
#include "image/geometry.h"

namespace inpaintd {

/// Does all the work on a decoded mask: dilates and plans as `options` say, cuts the tiles' masks, finds out what is
/// needed of each prediction and how it is blended.
HolePlan plan_holes(Pixels mask, const Options& options, const TilingLimits& limits);

/// What a plan takes in memory.
std::size_t bytes_of(const HolePlan& plan);

/// Plans of earlier requests, by the fingerprint of (mask, picture size, options); for one setting of TilingLimits.
struct HolePlans {
  const Fingerprinter& fingerprinter;
  LruCache<HolePlan>& cache;
};

}  // namespace inpaintd
