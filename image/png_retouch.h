// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "image/retouch.h"

namespace inpaintd {

/// Makes a PNG from a PNG: with its colour type, depth, palette and chunks, and its pixels in the order of the file. A
/// palette that has no place for the colours of the fill becomes RGB or RGBA of 8 bits, with a note. Samples outside of
/// the holes stay as they are. Errors: as retouch. Internal to image/.
Retouched retouch_png(const Retouch& work);

/// The part `work.filled` of a PNG of 16 bits as a PNG of 16 bits, upright, with the colour chunks of the file.
Retouched deep_part(const Retouch& work);

}  // namespace inpaintd
