// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "image/formats/jpeg_files.h"

/// What a JPEG file has beside its picture. Internal to image/formats/.
namespace inpaintd {

/// An APPn or COM segment.
struct Segment {
  int marker = 0;
  std::string data;
};

/// What is kept of a file whose picture has changed in a part.
struct Surroundings {
  std::vector<Segment> segments;  ///< in their order
  std::string trailer;            ///< the bytes after the end of the picture
  bool previews_dropped = false;
};

/// Copies what stays true. Pictures that show the file's picture as it was are left out: thumbnails in EXIF, JFIF and
/// Photoshop's segments; the further pictures of a multi-picture file, which lie after its end, with their index (MPF);
/// and a JPEG after the end without an index. `reader` has read all of `file` and kept all segments.
Surroundings surroundings_of(const JpegReader& reader, Bytes file);

}  // namespace inpaintd
