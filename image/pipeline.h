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

/// Asked whether a request may hold `bytes` in all, beside its message; its error becomes the request's.
using Admit = std::function<Status(std::size_t bytes)>;

/// From request to network inputs: decode, check sizes, dilate, plan, cut. With `plans` the work on a mask that came
/// before is not done again, and that on a new one is kept there.
///
/// `admit` is asked twice, unless it refuses: when the headers are read and no pixel is decoded, with the most that the
/// work up to here and one tile may take; and when the tiles are known and before they are cut, with what the request
/// then holds until it is answered, which is mostly less. The second number replaces the first.
///
/// Errors: as decode_image and decode_mask; too_large also where strategy `whole` is asked for more than
/// `whole_pixels_max`; overloaded where there is no memory; whatever `admit` answers.
Result<Input> prepare(const Request& request, const ImageLimits& limits, const TilingLimits& tiling,
                      const HolePlans* plans = nullptr, const Admit& admit = {});

/// The bytes of the answer's picture where these are known before it is encoded, as they are for raw pixels.
std::optional<std::size_t> known_answer_bytes(const Input& input);

using Rendered = EncodedPicture;

/// From predictions (one per tile, in order) to the answer: paste, crop to the region, encode. Where nothing is masked
/// the patch is the picture's first pixel, unchanged, so that a client can decode and paste every patch alike.
/// Errors: internal (predictions that do not fit the tiles), too_large (the format does not hold such a size),
/// overloaded (there is no memory).
Result<Rendered> render(const Input& input, const std::vector<Pixels>& predictions);

}  // namespace inpaintd
