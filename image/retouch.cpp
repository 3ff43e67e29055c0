// SPDX-License-Identifier: Apache-2.0
#include "image/retouch.h"

#include <limits>
#include <opencv2/core.hpp>
#include <utility>

#include "image/codec.h"
#include "image/formats/formats.h"
#include "image/mat.h"
#include "image/orientation.h"
#include "image/png_retouch.h"

namespace inpaintd {
namespace {

/// No limits, because the file has been decoded before, within the limits of the service.
constexpr ImageLimits no_limits{.pixels_max = std::numeric_limits<int>::max(), .side_max = 65'535};

Note flattened_note(Colour background) {
  return {std::string(note_codes::flattened),
          "a JPEG has no transparency, so transparent pixels show the background " + text_of(background) +
              "; ask for format png or webp to keep them, or choose another background"};
}

/// Whether a decoder gives the samples of `picture`, of 8 bits, from the encoded answer.
bool keeps_samples(const Picture& picture, Bytes file, Format format, const Options& options) {
  if (!encodes_losslessly(picture, format, options.quality, options.lossless)) return false;
  return file.empty() || file_header(file, no_limits).depth <= 8;
}

/// The whole picture with its holes filled.
Picture composed(const Retouch& work) {
  Picture picture = work.picture;
  if (const Rect& frame = work.filled.frame; !frame.empty()) {
    const cv::Mat holes = view(work.holes)(to_cv(frame));
    view(work.filled.rgb).copyTo(view(picture.rgb)(to_cv(frame)), holes);
    if (!work.filled.alpha.empty()) view(work.filled.alpha).copyTo(view(picture.alpha)(to_cv(frame)), holes);
  }
  return picture;
}

/// Encodes a picture without regard to the rest of the file that it comes from.
Retouched encode_anew(const Picture& part, Bytes file, const Options& options) {
  const Format format = answer_format(part, options);
  auto bytes = encode_image(part, format, options.quality, options.lossless, options.background);
  if (!bytes) throw Refused{std::move(bytes.error())};
  Retouched answer{std::move(*bytes), Exact::recoded, {}};
  if (keeps_samples(part, file, format, options)) answer.exact = Exact::pixels;
  if (shows_background(part, format)) answer.notes.push_back(flattened_note(options.background));
  return answer;
}

/// A WebP from a WebP: with its metadata, and its pixels in the order of the file.
Retouched retouch_webp(const Retouch& work) {
  const WebpMetadata metadata = webp_metadata(work.file);
  const int orientation = exif_orientation(metadata.exif);
  Picture picture = composed(work);
  turn_back(picture.rgb, orientation);
  if (!picture.alpha.empty()) turn_back(picture.alpha, orientation);
  Retouched answer = encode_anew(picture, work.file, work.options);
  answer.bytes = with_metadata(answer.bytes, metadata);
  if (metadata.animated) answer.notes.push_back(first_frame_note());
  return answer;
}

}  // namespace

Format answer_format(const Picture& picture, const Options& options) {
  return options.format == Format::same ? picture.format : options.format;
}

Note first_frame_note() {
  return {std::string(note_codes::first_frame), "the picture is an animation, and the answer has its first frame only"};
}

Retouched encode_part(const Retouch& work) {
  const Picture& source = work.picture;
  if (!work.filled.deep.empty() && answer_format(source, work.options) == Format::png) return deep_part(work);
  const Canvas& part = work.filled;
  Pixels alpha = part.alpha;
  if (alpha.empty() && !source.alpha.empty()) alpha = crop(source.alpha, part.frame);
  return encode_anew({part.rgb, std::move(alpha), source.icc, source.grey, source.format, source.coding}, work.file,
                     work.options);
}

Retouched retouch(const Retouch& work) {
  const bool alike = !work.file.empty() && answer_format(work.picture, work.options) == work.picture.format;
  if (alike && work.picture.format == Format::png) return retouch_png(work);
  if (alike && work.picture.format == Format::webp) return retouch_webp(work);
  return encode_anew(composed(work), work.file, work.options);
}

}  // namespace inpaintd
