// SPDX-License-Identifier: Apache-2.0
#include "image/retouch.h"

#include <limits>
#include <opencv2/core.hpp>
#include <utility>

#include "image/codec.h"
#include "image/formats/formats.h"
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

Retouched encode_anew(const Picture& part, Bytes file, const Options& options) {
  const Format format = answer_format(part, options);
  auto bytes = encode_image(part, format, options.quality, options.lossless, options.background);
  if (!bytes) throw Refused{std::move(bytes.error())};
  Retouched answer{std::move(*bytes), Exact::recoded, {}};
  if (keeps_samples(part, file, format, options)) answer.exact = Exact::pixels;
  if (shows_background(part, format)) answer.notes.push_back(flattened_note(options.background));
  return answer;
}

Retouched retouch(const Retouch& work) { return encode_anew(composed(work), work.file, work.options); }

}  // namespace inpaintd
