// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/input.h"
#include "image/formats/formats.h"
#include "image/geometry.h"

namespace inpaintd {

/// What a request is expected to hold at most, in bytes, by its headers alone. Internal to image/. The largest of its
/// steps: the picture decoded and turned; the mask decoded beside it; the mask worked on; and then what `bytes_of`
/// counts, with one tile, the largest that the strategy may make. Several tiles are known only with the mask.
std::size_t expected_bytes(const Header& picture, const Header& mask, const Options& options,
                           const TilingLimits& limits);

/// What a request holds from now until it is answered, in bytes: picture, mask and patches, also where it shares these
/// with other requests, and for each tile the network's input and its answer, whether they are there yet or not.
std::size_t bytes_of(const Input& input);

}  // namespace inpaintd
