// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/input.h"
#include "core/outcome.h"
#include "core/result.h"
#include "image/codec.h"
#include "image/geometry.h"
#include "image/hole_plan.h"

namespace inpaintd {

/// Decides whether a request may hold `bytes` in all, beside its message. An error becomes the error of the request.
using Admit = std::function<Status(std::size_t bytes)>;

/// Makes the inputs of the network from a request: decodes, checks sizes, dilates, plans, cuts. With `plans`, the work
/// on a known mask is reused, and the work on a new mask is kept.
///
/// `admit` is called twice, unless it refuses: after the headers are read and before any pixel is decoded, with the
/// largest memory that the work up to here and one tile may need; and after the tiles are planned and before they are
/// cut, with the memory that the request holds until it is answered, which is mostly less. The second number replaces
/// the first.
///
/// Errors: as decode_image and decode_mask; too_large also for strategy `whole` and a picture beyond
/// `whole_pixels_max`; overloaded (not enough memory); the error of `admit`.
Result<Input> prepare(const Request& request, const ImageLimits& limits, const TilingLimits& tiling,
                      const HolePlans* plans = nullptr, const Admit& admit = {});

/// The number of bytes of the picture in the answer, if it is known before encoding, as for raw pixels.
std::optional<std::size_t> known_answer_bytes(const Input& input);

/// Makes the picture of the answer from the predictions (one per tile, in order): pastes, crops to the region, encodes.
/// With an empty mask, the patch is the first pixel of the picture, unchanged, so that clients decode and paste every
/// patch in the same way. Errors: internal (predictions that do not fit the tiles), too_large (the format cannot hold
/// such a size), overloaded (not enough memory).
Result<EncodedPicture> render(const Input& input, const std::vector<Pixels>& predictions);

}  // namespace inpaintd
