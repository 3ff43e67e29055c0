// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

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

/// What a file holds. Its samples have 1 to 4 channels: grey, grey and alpha, RGB, RGBA.
struct Frame {
  Format format = Format::png;
  Pixels samples;
  std::string icc;   ///< ICC profile, or empty
  std::string exif;  ///< EXIF block with or without its "Exif\0\0" head, or empty
};

/// Reads whatever of the three formats `file` is, upright.
Frame read_file(Bytes file, const ImageLimits& limits);

/// Each reads its own format, before the EXIF orientation is applied.
Frame read_png(Bytes file, const ImageLimits& limits);
Frame read_jpeg(Bytes file, const ImageLimits& limits);
Frame read_webp(Bytes file, const ImageLimits& limits);

/// `samples` has 1 to 4 channels, as in a Frame.
std::string write_png(const Pixels& samples, const std::string& icc);
/// `samples` has 1 or 3 channels.
std::string write_jpeg(const Pixels& samples, const std::string& icc, int quality);
/// Lossless, also under transparent alpha. `samples` has 3 or 4 channels.
std::string write_webp(const Pixels& samples, const std::string& icc);

/// The orientation, 1..8, that an EXIF block tells; 1 (upright) when it tells none.
int exif_orientation(const std::string& exif);

/// Runs `work`, which returns a T, and makes a Result of whatever leaves it.
template <class T, class Work>
Result<T> guarded(Work&& work) {
  try {
    return work();
  } catch (Refused& refused) {
    return std::move(refused.error);
  } catch (const std::exception& exception) {
    return Error{ErrorCode::internal, exception.what()};
  }
}

}  // namespace inpaintd
