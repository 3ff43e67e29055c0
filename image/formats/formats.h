// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/coding.h"
#include "core/request.h"
#include "core/result.h"
#include "image/codec.h"

/// The file formats, each behind the library that knows it. Internal to image/: here a refusal is an exception, because
/// libpng and libjpeg report errors from inside their callbacks; `guarded` turns it into a Result.
namespace inpaintd {

struct Refused {
  Error error;
};

[[noreturn]] inline void refuse(ErrorCode code, std::string message) { throw Refused{{code, std::move(message)}}; }

/// `WIDTHxHEIGHT`, for messages.
inline std::string text(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

/// Refuses sides below 1 with `when_empty`, and what the limits forbid with too_large.
void check_size(std::int64_t width, std::int64_t height, const ImageLimits& limits, ErrorCode when_empty);

/// How a file's samples are wanted.
enum class Samples : std::uint8_t {
  expanded,  ///< 1 to 4 channels of 8 bits: grey, grey and alpha, RGB, RGBA
  stored,    ///< of a PNG file as it stores them: indices of a palette, small numbers, 16 bits; of others, as expanded
};

/// What a file holds.
struct Frame {
  Format format = Format::png;
  Pixels samples;      ///< where `depth` is 16, two bytes of it are one sample in the machine's order
  bool exact = false;  ///< the samples are the numbers that the file's author wrote: no compression has changed them
  int depth = 8;       ///< bits of a sample
  std::vector<Colour> palette;  ///< of a file whose stored samples are its indices
  std::string icc;              ///< ICC profile, or empty
  std::string exif;             ///< EXIF block with or without its "Exif\0\0" head, or empty
  Coding coding;                ///< of a lossy file
};

/// What a file's header tells before any of its pixels is decoded.
struct Header {
  Size size;             ///< as stored: upright, its sides may have changed places
  int channels = 0;      ///< of the samples that decoding makes
  int decoding = 0;      ///< bytes for each pixel that decoding takes at most, the samples included
  int stored = 0;        ///< bytes for each pixel of the samples as the file stores them; 0 where these are no others
  int depth = 8;         ///< bits of a sample as the file stores it
  bool indexed = false;  ///< the file has a palette
};

/// Each refuses what the limits forbid.
Header png_header(Bytes file, const ImageLimits& limits);
Header jpeg_header(Bytes file, const ImageLimits& limits);
Header webp_header(Bytes file, const ImageLimits& limits);
/// Of whatever of the three formats `file` is; decoding then includes turning it upright.
Header file_header(Bytes file, const ImageLimits& limits);

/// Of any picture.
Header image_header(const ImageSource& source, const ImageLimits& limits);
/// Of any mask for a picture of this size. Refuses files that cannot fit it, whichever way both are turned.
Header mask_header(const MaskSource& source, Size picture, const ImageLimits& limits);

/// Reads whatever of the three formats `file` is, upright.
Frame read_file(Bytes file, const ImageLimits& limits, Samples samples = Samples::expanded);

/// Each reads its own format, before the EXIF orientation is applied.
Frame read_png(Bytes file, const ImageLimits& limits, Samples samples);
Frame read_jpeg(Bytes file, const ImageLimits& limits);
Frame read_webp(Bytes file, const ImageLimits& limits);

/// `samples` has 1 to 4 channels, as in a Frame.
std::string write_png(const Pixels& samples, const std::string& icc);
/// `samples` has 1 or 3 channels. `coding` is used when it is not null and has as many components.
std::string write_jpeg(const Pixels& samples, const std::string& icc, int quality, const JpegCoding* coding = nullptr);
/// Lossless without `quality`, also under transparent alpha. `samples` has 3 or 4 channels.
std::string write_webp(const Pixels& samples, const std::string& icc, std::optional<int> quality = std::nullopt);

/// About the quality, 1..100, with which a frame of a WebP file was encoded; nothing when it is lossless. `chunks` are
/// the frame's, as libwebp's demuxer gives them.
std::optional<int> webp_quality(Bytes chunks);

/// The orientation, 1..8, that an EXIF block tells; 1 (upright) when it tells none.
int exif_orientation(const std::string& exif);

/// What the exception that is being handled means for the request: `overloaded` for a failed allocation, which another
/// time may work; `internal` for what is neither that nor a refusal.
Error current_error() noexcept;

/// Runs `work`, which returns a T, and makes a Result of whatever leaves it.
template <class T, class Work>
Result<T> guarded(Work&& work) {
  try {
    return work();
  } catch (...) {
    return current_error();
  }
}

}  // namespace inpaintd
