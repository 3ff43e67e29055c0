// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "image/retouch.h"

/// The ways to change a part of a file, each in the file of its library. Internal to image/.
namespace inpaintd {

/// Why a file cannot be changed in a part; it is encoded anew then. A clause such as "it is arithmetic-coded".
struct NotRetouched {
  std::string reason;
};

/// Changes the blocks of a JPEG file in which holes lie, and copies everything else. `work.file` is the JPEG file, the
/// picture has its coefficients unless there is no hole, and the answer has its coding. Errors, as exceptions:
/// overloaded (not enough memory).
std::variant<Retouched, NotRetouched> retouch_jpeg(const Retouch& work);

/// Makes a PNG from a PNG: with its colour type, depth, palette and chunks, and its pixels in the order of the file. A
/// palette that has no place for the colours of the fill becomes RGB or RGBA of 8 bits, with a note. Samples outside of
/// the holes stay as they are. Errors, as exceptions: overloaded (not enough memory).
Retouched retouch_png(const Retouch& work);

/// The part `work.filled` of a PNG of 16 bits as a PNG of 16 bits, upright, with the colour chunks of the file. Errors:
/// as retouch_png.
Retouched deep_part(const Retouch& work);

/// The file itself, for an answer without a hole.
Retouched unchanged(Bytes file);

/// Removes the thumbnail from an EXIF block of a PNG or a WebP. Returns whether it had one.
bool drop_thumbnail(std::string& exif);

/// Says that the thumbnail was left out.
Note previews_note();

/// Says that an answer has the first frame of an animation only.
Note first_frame_note();

}  // namespace inpaintd
