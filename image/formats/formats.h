// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/coding.h"
#include "core/request.h"
#include "core/result.h"
#include "image/codec.h"

/// The file formats, each in the file of its library. Internal to image/: a refusal is an exception here, because
/// libpng and libjpeg report errors from their callbacks. `guarded` turns the exception into a Result.
namespace inpaintd {

struct Refused {
  Error error;
};

[[noreturn]] inline void refuse(ErrorCode code, std::string message) { throw Refused{{code, std::move(message)}}; }

/// Refuses a damaged or truncated file with unsupported_image. `format` is its name, and `fault` the damage.
[[noreturn]] void refuse_broken(std::string_view format, std::string_view fault);

/// Throws the failure of the encoder for `format`, which becomes an internal error.
[[noreturn]] void fail_encoding(std::string_view format, std::string_view cause);

/// "WIDTHxHEIGHT", for error texts.
inline std::string text(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

/// Refuses sides below 1 with the code `when_empty`, and sizes beyond the limits with too_large.
void check_size(std::int64_t width, std::int64_t height, const ImageLimits& limits, ErrorCode when_empty);

/// The form in which the samples of a file are read.
enum class Samples : std::uint8_t {
  expanded,  ///< 1 to 4 channels of 8 bits: grey, grey and alpha, RGB, RGBA
  stored,    ///< as a PNG file stores them: indices of a palette, small numbers, 16 bits; other formats: as expanded
};

/// The contents of a file.
struct Frame {
  Format format = Format::png;
  Pixels samples;               ///< with a `depth` of 16, two bytes are one sample in the byte order of the machine
  bool exact = false;           ///< the samples are unchanged by compression
  int depth = 8;                ///< bits of a sample
  std::vector<Colour> palette;  ///< empty unless the file stores indices
  std::vector<std::uint8_t> alphas;                ///< of the first entries of the palette; the others are opaque
  std::vector<std::uint16_t> transparent;          ///< the stored grey level or colour that is transparent; empty: none
  std::string icc;                                 ///< ICC profile, or empty
  std::string exif;                                ///< EXIF block with or without its "Exif\0\0" head, or empty
  Coding coding;                                   ///< the coding of a lossy file
  std::shared_ptr<JpegCoefficients> coefficients;  ///< as stored, of a JPEG; null: not kept
};

/// For files that were checked before, with the limits of the service.
inline constexpr ImageLimits no_limits{.pixels_max = std::numeric_limits<int>::max(), .side_max = 65'535};

/// The contents of a file's header, read before any pixel is decoded.
struct Header {
  Size size;             ///< as stored; the sides of the upright picture may be exchanged
  int channels = 0;      ///< number of channels after decoding
  int decoding = 0;      ///< upper bound of the bytes per pixel that decoding needs, samples included
  int stored = 0;        ///< bytes per pixel of the stored samples; 0 if they equal the expanded ones
  int depth = 8;         ///< bits of a stored sample
  bool indexed = false;  ///< the file has a palette
  /// Upper bound of the bytes that the coefficients and segments of a JPEG need in memory.
  std::size_t coefficients = 0;
  /// Bytes that an answer needs for a time, beside the coefficients that it copies: strips of them, or samples of 16
  /// bits.
  std::size_t copying = 0;
};

/// Reads a header of one format, and refuses sizes beyond the limits.
Header png_header(Bytes file, const ImageLimits& limits);
Header jpeg_header(Bytes file, const ImageLimits& limits);
Header webp_header(Bytes file, const ImageLimits& limits);
/// Reads a header of any of the three formats. Its `decoding` includes the copy for turning the picture upright.
Header file_header(Bytes file, const ImageLimits& limits);

/// The header of a picture in any form.
Header image_header(const ImageSource& source, const ImageLimits& limits);
/// The header of a mask in any form. Refuses files whose size differs from that of `picture` in either orientation.
Header mask_header(const MaskSource& source, Size picture, const ImageLimits& limits);

/// Reads a file of any of the three formats, and turns it upright.
Frame read_file(Bytes file, const ImageLimits& limits, Samples samples = Samples::expanded, Keep keep = Keep::pixels);

/// Reads a file of one format, without turning it upright.
Frame read_png(Bytes file, const ImageLimits& limits, Samples samples);
Frame read_jpeg(Bytes file, const ImageLimits& limits, Keep keep);
Frame read_webp(Bytes file, const ImageLimits& limits);

/// The bytes of coefficients in memory, with the segments of their file.
std::size_t bytes_of(const JpegCoefficients& coefficients);

/// Encodes 1 to 4 channels, as in a Frame.
std::string write_png(const Pixels& samples, const std::string& icc);
/// Encodes 1 or 3 channels. `coding` is used when it is not null and has as many components.
std::string write_jpeg(const Pixels& samples, const std::string& icc, int quality, const JpegCoding* coding = nullptr);
/// Encodes 3 or 4 channels; without `quality` lossless, even under transparent alpha.
std::string write_webp(const Pixels& samples, const std::string& icc, std::optional<int> quality = std::nullopt);

/// What a WebP file holds beside its pixels.
struct WebpMetadata {
  std::string icc, exif, xmp;  ///< empty if there is none
  bool animated = false;
};
/// Reads a file that has been decoded before.
WebpMetadata webp_metadata(Bytes file);
/// The WebP file `encoded` with these metadata.
std::string with_metadata(const std::string& encoded, const WebpMetadata& metadata);

/// The approximate quality, 1..100, with which a frame of a WebP file was encoded; nothing for a lossless frame.
/// `chunks` are the chunks of the frame, as the demuxer of libwebp returns them.
std::optional<int> webp_quality(Bytes chunks);

/// The profile of a PNG: by its chunk cICP, its profile `iccp`, or its chunks gAMA and cHRM, in this order; empty for
/// sRGB, and for a cICP of high dynamic range without another description.
std::string png_profile(Bytes file, std::string iccp);

/// The orientation, 1..8, in an EXIF block; 1 (upright) if the block has none.
int exif_orientation(const std::string& exif);

/// An EXIF block, with its head "Exif\0\0", without its thumbnail. Everything else keeps its place, because maker notes
/// refer to places.
std::string without_thumbnail(std::string exif);

/// Turns an image with this EXIF orientation upright.
void turn_upright(Pixels& pixels, int orientation);
/// The orientation that turns an upright image back to the form in which an image with `orientation` is stored.
int opposite(int orientation);
/// The place of `rect` after an image, which is of size `turned` then, was turned upright.
Rect turned_upright(const Rect& rect, Size turned, int orientation);

/// The error for the exception that is being handled: that of a refusal; `overloaded` for a failed allocation, because
/// a later attempt may succeed; `internal` for every other exception.
Error current_error() noexcept;

/// Runs `work`, which returns a T, and returns the T or the error for the exception that left `work`.
template <class T, class Work>
Result<T> guarded(Work&& work) {
  try {
    return work();
  } catch (...) {
    return current_error();
  }
}

}  // namespace inpaintd
