// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exact.h"
#include "core/input.h"
#include "core/note.h"
#include "image/geometry.h"

/// Makes the file of an answer from the file of its request, so that what lies outside of the holes stays as it was.
/// Internal to image/.
namespace inpaintd {

/// What an answer is made from.
struct Retouch {
  Bytes file;              ///< the picture as the client sent it; empty for raw pixels
  const Picture& picture;  ///< the same, decoded and upright
  const Canvas& filled;    ///< a part of the upright picture that has all holes, after they were filled
  const Pixels& holes;     ///< the mask of the upright picture, 0 or 255, after dilation
  const Options& options;
};

/// The file of an answer.
struct Retouched {
  std::string bytes;
  Exact exact = Exact::recoded;
  std::vector<Note> notes;
};

/// The format of the answer to a request for `picture`; never `same`.
Format answer_format(const Picture& picture, const Options& options);

/// Whether the answer to a request with a JPEG file copies the coefficients of the file, if that is possible.
bool copies_jpeg(const Options& options);

/// Encodes all of the picture. Errors, as exceptions of image/formats/formats.h: as encode_image.
Retouched retouch(const Retouch& work);

/// Encodes a part of the picture in `file`, without regard to the rest of the file. Errors: as encode_image.
Retouched encode_anew(const Picture& part, Bytes file, const Options& options);

}  // namespace inpaintd
