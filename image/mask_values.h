// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/pixels.h"
#include "image/codec.h"

/// Which samples of a mask are holes. Masks come from many programs, and their values do not always mean brightness.
/// Internal to image/: refusals are exceptions, as in formats/formats.h.
namespace inpaintd {

/// The holes of a mask file, upright. With `automatic`, the luma decides wherever it shows holes and known pixels.
/// Otherwise the file is looked at again, and used as what it plainly is: a drawing on transparent ground, the indices
/// of a palette, the labels 0 and 1, or a coloured drawing on black; a note says so. Another note says when the mask
/// has no hole. Refuses `alpha` for a file without alpha (bad_request), and broken files as read_file does.
DecodedMask mask_of_file(Bytes file, MaskValues values, const ImageLimits& limits);

/// The holes of raw samples of one channel and one byte. Refuses `alpha` (bad_request).
DecodedMask mask_of_samples(const std::uint8_t* samples, Size size, MaskValues values);

/// Notes when a mask has no hole; `why` is a sentence about its values and what a hole is.
void note_if_empty(DecodedMask& mask, std::string_view why);

}  // namespace inpaintd
