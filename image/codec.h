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

/// The limits for the size of a picture. The size in the header of a file is checked before anything is decoded.
struct ImageLimits {
  std::int64_t pixels_max = 50'000'000;
  int side_max = 16'384;

  friend bool operator==(const ImageLimits&, const ImageLimits&) = default;
};

/// What a decoder keeps of a file.
enum class Keep : std::uint8_t {
  pixels,
  coefficients,  ///< of a JPEG, beside its pixels: 2 bytes for each sample as stored; other formats: pixels only
};

/// Decodes a JPEG, PNG or WebP file or raw RGB to an upright 8-bit picture: EXIF orientation is applied in all three
/// formats. Alpha and the ICC profile are kept, 16-bit samples are rounded to v / 257, a grey picture is marked as
/// grey, CMYK is converted to RGB without its profile, and an animation gives its first frame. A damaged or truncated
/// file is refused, never decoded in part. Errors: unsupported_image (unknown signature, broken bytes), too_large,
/// bad_request (raw data of the wrong length), overloaded (not enough memory).
Result<Picture> decode_image(const ImageSource& source, const ImageLimits& limits, Keep keep = Keep::pixels);

/// A mask, and notes about it for the client.
struct DecodedMask {
  Pixels holes;  ///< 1 channel: 0 (known) and 255 (hole)
  std::vector<Note> notes;
};

/// Decodes a mask of any form for a picture of `size`. `values` says which samples of files and raw masks are holes
/// (image/mask_values.h). Errors: as decode_image, and size_mismatch, bad_request (a rectangle outside of the picture;
/// `alpha` for a mask without alpha).
Result<DecodedMask> decode_mask(const MaskSource& source, Size size, const ImageLimits& limits,
                                MaskValues values = MaskValues::automatic);

/// The size of the picture in a file, as stored: an EXIF orientation may exchange its sides. Reads the header only.
/// Errors: as decode_image.
Result<Size> picture_size(Bytes file, const ImageLimits& limits);

/// Encodes to `format` (`same` means the format that the picture came from): PNG, JPEG, WebP, or raw RGB. `quality` is
/// 1..100, with full chroma from 90 on. Without `quality`, a picture from a JPEG is encoded with the quantisers,
/// sampling and progression of that JPEG; otherwise the quality is about that of the lossy file that the picture came
/// from, or 95. WebP is lossless when `lossless` says so, and by default when no `quality` is given and the picture
/// came from a lossless file. Alpha and ICC profile are written if the format holds them and, for the profile, its
/// colour space. A JPEG shows `background` through transparent pixels instead of the hidden colours of these pixels;
/// raw RGB has the hidden colours. Grey pictures stay grey in PNG and JPEG, unless the background that shows is not
/// grey. Errors: too_large (the format cannot hold such a side), internal, overloaded (not enough memory).
Result<std::string> encode_image(const Picture& picture, Format format, std::optional<int> quality = std::nullopt,
                                 std::optional<bool> lossless = std::nullopt, Colour background = {});

/// Whether encode_image with these arguments keeps the samples as they are. `format` is not `same`.
bool encodes_losslessly(const Picture& picture, Format format, std::optional<int> quality,
                        std::optional<bool> lossless);

/// Whether encode_image shows the background: the picture has a pixel that is not opaque, and the format has no alpha.
bool shows_background(const Picture& picture, Format format);

}  // namespace inpaintd
