// SPDX-License-Identifier: Apache-2.0
#include "image/retouch.h"

#include <limits>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "image/codec.h"
#include "image/formats/formats.h"
#include "image/formats/retouch_formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

/// No limits, because the file has been decoded before, within the limits of the service.
constexpr ImageLimits no_limits{.pixels_max = std::numeric_limits<int>::max(), .side_max = 65'535};

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

/// Whether a decoder gives the samples of `picture`, of 8 bits, from the encoded answer.
bool keeps_samples(const Picture& picture, Bytes file, Format format, const Options& options) {
  if (!encodes_losslessly(picture, format, options.quality, options.lossless)) return false;
  return file.empty() || file_header(file, no_limits).depth <= 8;
}

/// The whole picture with its holes filled.
Picture composed(const Retouch& work) {
  Picture picture = work.picture;
  if (const Rect& frame = work.filled.frame; !frame.empty())
    view(work.filled.rgb).copyTo(view(picture.rgb)(to_cv(frame)), view(work.holes)(to_cv(frame)));
  return picture;
}

}  // namespace

Format answer_format(const Picture& picture, const Options& options) {
  return options.format == Format::same ? picture.format : options.format;
}

bool copies_jpeg(const Options& options) {
  const bool jpeg = options.format == Format::same || options.format == Format::jpeg;
  return jpeg && options.region == Region::full && !options.quality;
}

Retouched encode_anew(const Picture& part, Bytes file, const Options& options) {
  const Format format = answer_format(part, options);
  auto bytes = encode_image(part, format, options.quality, options.lossless, options.background);
  if (!bytes) throw Refused{std::move(bytes.error())};
  Retouched answer{std::move(*bytes), Exact::recoded, {}};
  if (keeps_samples(part, file, format, options)) answer.exact = Exact::pixels;
  if (shows_background(part, format)) answer.notes.push_back(flattened_note(options.background));
  return answer;
}

Retouched retouch(const Retouch& work) {
  std::optional<Note> recoded;
  if (work.picture.format == Format::jpeg && copies_jpeg(work.options)) {
    auto made = retouch_jpeg(work);
    if (auto* answer = std::get_if<Retouched>(&made)) return std::move(*answer);
    recoded = recoded_note(std::get<NotRetouched>(made).reason);
  }
  Retouched answer = encode_anew(composed(work), work.file, work.options);
  if (recoded) answer.notes.push_back(std::move(*recoded));
  return answer;
}

}  // namespace inpaintd
