// SPDX-License-Identifier: Apache-2.0
#include "image/retouch.h"

#include <opencv2/core.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "image/codec.h"
#include "image/deep.h"
#include "image/formats/formats.h"
#include "image/formats/retouch_formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

Note flattened_note(Colour background) {
  return {std::string(note_codes::flattened),
          "a JPEG has no transparency, so transparent pixels show the background " + text_of(background) +
              "; ask for format png or webp to keep them, or choose another background"};
}

Note recoded_note(const std::string& reason) {
  return {std::string(note_codes::recoded),
          "the whole picture was encoded anew, without its metadata, because " + reason +
              "; save the picture as an ordinary file before, to keep what lies outside of the holes"};
}

Note reduced_note(Format format) {
  return {std::string(note_codes::recoded), "the samples of the PNG have 16 bits, and the answer has 8, because " +
                                                std::string(name(format)) + " holds no more; ask for format png"};
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
  const bool deep = stored_depth(file) == 16, opaque = format == Format::raw && !part.alpha.empty();
  if (encodes_losslessly(part, format, options.quality, options.lossless)) {
    if (deep) answer.notes.push_back(reduced_note(format));
    if (!deep && !opaque) answer.exact = Exact::pixels;
  }
  if (shows_background(part, format)) answer.notes.push_back(flattened_note(options.background));
  return answer;
}

/// A WebP from a WebP: with its metadata, and its pixels in the order of the file.
Retouched retouch_webp(const Retouch& work) {
  const Options& options = work.options;
  if (work.filled.frame.empty() && !options.quality && !options.lossless) return unchanged(work.file);
  WebpMetadata metadata = webp_metadata(work.file);
  const int back = opposite(exif_orientation(metadata.exif));
  Picture picture = composed(work);
  turn_upright(picture.rgb, back);
  if (!picture.alpha.empty()) turn_upright(picture.alpha, back);
  Retouched answer = encode_anew(picture, work.file, options);
  if (drop_thumbnail(metadata.exif)) answer.notes.push_back(previews_note());
  answer.bytes = with_metadata(answer.bytes, metadata);
  if (metadata.animated) answer.notes.push_back(first_frame_note());
  return answer;
}

}  // namespace

Format answer_format(const Picture& picture, const Options& options) {
  return options.format == Format::same ? picture.format : options.format;
}

bool copies_jpeg(const Options& options) {
  const bool jpeg = options.format == Format::same || options.format == Format::jpeg;
  return jpeg && options.region == Region::full && !options.quality;
}

Retouched unchanged(Bytes file) { return {std::string(file.begin(), file.end()), Exact::bits, {}}; }

bool drop_thumbnail(std::string& exif) {
  // Files of these formats hold the block without the head with which that of a JPEG begins, or with it.
  constexpr std::string_view head("Exif\0\0", 6);
  const bool has_head = exif.starts_with(head);
  std::string changed = without_thumbnail(has_head ? exif : std::string(head) + exif);
  if (!has_head) changed.erase(0, head.size());
  if (changed == exif) return false;
  exif = std::move(changed);
  return true;
}

Note previews_note() {
  return {std::string(note_codes::previews_dropped),
          "the thumbnail inside of the file was left out, because it shows the picture as it was"};
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
  const Format format = work.picture.format;
  const bool alike = !work.file.empty() && answer_format(work.picture, work.options) == format;
  if (alike && format == Format::png) return retouch_png(work);
  if (alike && format == Format::webp) return retouch_webp(work);
  std::optional<Note> recoded;
  if (alike && format == Format::jpeg && copies_jpeg(work.options)) {
    auto made = retouch_jpeg(work);
    if (auto* answer = std::get_if<Retouched>(&made)) return std::move(*answer);
    recoded = recoded_note(std::get<NotRetouched>(made).reason);
  }
  Retouched answer = encode_anew(composed(work), work.file, work.options);
  if (recoded) answer.notes.push_back(std::move(*recoded));
  return answer;
}

}  // namespace inpaintd
