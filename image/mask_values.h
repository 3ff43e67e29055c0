// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/pixels.h"
#include "image/codec.h"

/// Decides which samples of a mask are holes. Masks come from many programs, and their values do not always mean
/// brightness. Internal to image/: refusals are exceptions, as in formats/formats.h.
namespace inpaintd {

/// The holes of a mask file, upright. With `automatic`, the luma decides if it shows holes and known pixels. Otherwise
/// the file is decoded again as stored, and used by its evident meaning, which a note states: a drawing on a
/// transparent background, the indices of a palette, the labels 0 and 1, or a coloured drawing on black. Another note
/// states that the mask has no hole. Refuses `alpha` for a file without alpha (bad_request), and broken files as
/// read_file does.
DecodedMask mask_of_file(Bytes file, MaskValues values, const ImageLimits& limits);

/// The holes of raw samples with one channel of one byte. Refuses `alpha` (bad_request).
DecodedMask mask_of_samples(const std::uint8_t* samples, Size size, MaskValues values);

/// Adds a note if the mask has no hole; `why` is a sentence about the values of the mask and the values of holes.
void note_if_empty(DecodedMask& mask, std::string_view why);

}  // namespace inpaintd
