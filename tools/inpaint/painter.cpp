// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/painter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "image/codec.h"

namespace inpaintd::tools {
namespace {

/// No limits, because the service has checked the picture with its own limits.
constexpr ImageLimits no_limits{.pixels_max = std::numeric_limits<int>::max(), .side_max = 65'535};

PaintFailure incomplete(const std::string& fault) {
  return {fmt::format("the answer is not used, because {}; no file was changed; try again", fault)};
}

std::string text(Size size) { return fmt::format("{} x {}", size.width, size.height); }

}  // namespace

Result<Ok, PaintFailure> check_complete(const Painting& painting, Bytes image, const Options& options) {
  const auto stored = picture_size(image, no_limits);  // its EXIF orientation may exchange the sides
  if (!stored) return incomplete(stored.error().message);
  const bool whole = options.region == Region::full;
  if (options.format == Format::raw) {
    const std::size_t bytes = painting.file.size();
    const std::size_t all = 3 * static_cast<std::size_t>(stored->width) * static_cast<std::size_t>(stored->height);
    if (whole ? bytes == all : bytes > 0 && bytes <= all) return Ok{};
    return incomplete(fmt::format("it has {} bytes and the picture {}", bytes, all));
  }
  const auto* data = reinterpret_cast<const std::uint8_t*>(painting.file.data());
  const auto answer = decode_image(EncodedFile{{data, painting.file.size()}}, no_limits);
  if (!answer) return incomplete(answer.error().message);
  const Size size = answer->rgb.size(), turned{stored->height, stored->width};
  const auto within = [&](Size picture) { return size.width <= picture.width && size.height <= picture.height; };
  if (whole ? size == *stored || size == turned : within(*stored) || within(turned)) return Ok{};
  return incomplete(fmt::format("it shows {} pixels and the picture {}", text(size), text(*stored)));
}

PaintFailure service_failure(const Error& error) {
  return {fmt::format("{}: {}", info(error.code).name, error.message)};
}

Painted tell_exact(Painted painted, const Painter::Progress& progress) {
  if (progress && painted && painted->exact) progress(describe(*painted->exact));
  return painted;
}

bool has_empty_mask(const std::vector<Note>& notes) {
  return std::ranges::find(notes, note_codes::mask_empty, &Note::code) != notes.end();
}

std::string describe(const Note& note) {
  return (note.code == note_codes::mask_empty ? "warning: " : "note: ") + note.message;
}

std::string_view describe(Exact exact) {
  switch (exact) {
    case Exact::bits:
      return "outside of the holes the file is unchanged";
    case Exact::pixels:
      return "outside of the holes the pixels are unchanged";
    default:
      return "the picture is encoded anew";
  }
}

}  // namespace inpaintd::tools
