// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/input.h"
#include "core/result.h"
#include "image/codec.h"
#include "image/geometry.h"
#include "image/hole_plan.h"

namespace inpaintd {

/// From request to network inputs: decode, check sizes, dilate, plan, cut. With `plans` the work on a mask that came
/// before is not done again, and that on a new one is kept there.
Result<Input> prepare(const Request& request, const ImageLimits& limits, const TilingLimits& tiling,
                      const HolePlans* plans = nullptr);

/// An answer ready to be sent.
struct Rendered {
  std::string bytes;
  Format format = Format::png;
  Size size;    ///< of the picture in `bytes`
  Rect region;  ///< where that picture lies in the request's: all of it, or with `patch` the box that changed
};

/// From predictions (one per tile, in order) to the answer: paste, crop to the region, encode. Where nothing is masked
/// the patch is the picture's first pixel, unchanged, so that a client can decode and paste every patch alike.
/// Errors: internal (predictions that do not fit the tiles), too_large (the format does not hold such a size).
Result<Rendered> render(const Input& input, const std::vector<Pixels>& predictions);

}  // namespace inpaintd
