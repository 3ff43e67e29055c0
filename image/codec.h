// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/input.h"
#include "core/note.h"
#include "core/result.h"

namespace inpaintd {

/// What a picture may cost. Checked from the file's header, before anything is decoded.
struct ImageLimits {
  std::int64_t pixels_max = 50'000'000;
  int side_max = 16'384;

  friend bool operator==(const ImageLimits&, const ImageLimits&) = default;
};

/// Decodes a JPEG, PNG or WebP file or raw RGB to an upright 8-bit picture: EXIF orientation is applied in all three.
/// Alpha and ICC profile are kept, 16-bit samples are rounded to v / 257, grey is remembered, CMYK is converted (and
/// its profile dropped), of an animation the first frame is taken. A file that is damaged or cut off is refused, never
/// shown in part. Errors: unsupported_image (unknown magic, broken bytes), too_large, bad_request (raw data of the
/// wrong length), overloaded (there is no memory).
Result<Picture> decode_image(const ImageSource& source, const ImageLimits& limits);

/// A mask and what its sender should know about it.
struct DecodedMask {
  Pixels holes;  ///< 1 channel: 0 (known) and 255 (hole)
  std::vector<Note> notes;
};

/// Decodes any mask form to the picture's `size`. `values` says which samples of files and raw masks are holes
/// (image/mask_values.h). Errors: as decode_image, and size_mismatch, bad_request (a rectangle outside of the picture;
/// `alpha` for a mask without alpha).
Result<DecodedMask> decode_mask(const MaskSource& source, Size size, const ImageLimits& limits,
                                MaskValues values = MaskValues::automatic);

/// The size of the picture in a file, as stored: an EXIF orientation may exchange its sides. Nothing is decoded.
/// Errors: as decode_image.
Result<Size> picture_size(Bytes file, const ImageLimits& limits);

/// Encodes to `format` (`same` means the picture's own): PNG, JPEG, WebP, or raw RGB. `quality` is 1..100, with full
/// chroma from 90 on. Without it, a JPEG is encoded as the JPEG that the picture came from (quantisers, sampling,
/// progression); otherwise the quality is about that of the lossy file that the picture came from, or 95. WebP is
/// lossless when `lossless` says so, by default when no `quality` is given and the picture came from a lossless file.
/// Alpha and ICC profile are written where the format, and the profile's colour space, hold them. A JPEG shows
/// `background` through transparent pixels, not the colours that are hidden under them; raw RGB has the colours as they
/// are. Grey pictures stay grey in PNG and JPEG, unless such a background is not grey. Errors: too_large (the format
/// cannot hold such a side), internal, overloaded (there is no memory).
Result<std::string> encode_image(const Picture& picture, Format format, std::optional<int> quality = std::nullopt,
                                 std::optional<bool> lossless = std::nullopt, Colour background = {});

/// Whether encode_image shows the background somewhere: the picture has a pixel that is not opaque, and the format no
/// alpha.
bool shows_background(const Picture& picture, Format format);

}  // namespace inpaintd
