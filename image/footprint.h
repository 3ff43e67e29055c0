// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/input.h"
#include "image/formats/formats.h"
#include "image/geometry.h"

namespace inpaintd {

/// The largest number of bytes that a request is expected to hold, estimated from headers alone: the maximum over the
/// steps. The picture is decoded and turned; the mask is decoded beside the picture; the mask is processed; and finally
/// the request holds what `bytes_of` counts, with one tile of the largest size that the strategy may make. The number
/// of tiles is known only after the mask is decoded. Internal to image/.
std::size_t expected_bytes(const Header& picture, const Header& mask, const Options& options,
                           const TilingLimits& limits);

/// The bytes that making the answer needs for a time, beside what the request holds anyway.
std::size_t rendering_bytes(const Header& picture, const Options& options);

/// The bytes that a request holds from now until it is answered: picture with its coefficients, mask and patches,
/// even if other requests share them, and for each tile the input and the prediction of the network, and what rendering
/// needs, whether or not they exist yet.
std::size_t bytes_of(const Input& input);

}  // namespace inpaintd
