// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <list>
#include <optional>
#include <utility>

#include "image/formats/formats.h"
#include "image/formats/png_chunks.h"
#include "image/formats/png_image.h"
#include "image/formats/png_palette.h"
#include "image/formats/retouch_formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

constexpr std::uint16_t opaque = 255;
constexpr unsigned level = 257;  // of 8 bits, in samples of 16 bits

/// The colours and alpha that a hole pixel gets.
struct Fill {
  PngImage::Entry bytes{};                 ///< 8 bits
  std::array<std::uint16_t, 4> samples{};  ///< at the depth of the file
};

/// Access to one picture's fill and to the place of each of its pixels in the file.
class Filler {
 public:
  Filler(const Retouch& work, PngImage& image)
      : work_(work), image_(image), stored_(image.samples.size()), back_(opposite(image.orientation)) {}

  /// Calls `use(sample of the file, fill)` for each pixel of a hole.
  template <class Use>
  void each(const Use& use) {
    const Rect& frame = work_.filled.frame;
    for (int y = 0; y < frame.height; ++y) {
      const std::uint8_t* hole = work_.holes.row(frame.y + y) + frame.x;
      for (int x = 0; x < frame.width; ++x)
        if (hole[x] != 0) use(place_of(frame.x + x, frame.y + y), fill_of(x, y));
    }
  }

 private:
  std::uint8_t* place_of(int x, int y) {
    const Rect at = turned_upright({x, y, 1, 1}, stored_, back_);
    return image_.samples.row(at.y) + static_cast<std::ptrdiff_t>(at.x) * image_.samples.channels;
  }

  /// The fill at (x, y) of the frame.
  [[nodiscard]] Fill fill_of(int x, int y) const {
    const Canvas& canvas = work_.filled;
    const std::size_t at =
        3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(canvas.frame.width) + static_cast<std::size_t>(x));
    Fill fill;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint8_t value = canvas.rgb.bytes[at + c];
      fill.bytes[c] = value;
      fill.samples[c] = canvas.deep.empty() ? scaled(value) : canvas.deep[at + c];
    }
    const Pixels& alphas = work_.picture.alpha;
    fill.bytes[3] = !canvas.alpha.empty() ? canvas.alpha.row(y)[x]
                    : alphas.empty()      ? std::uint8_t{opaque}
                                          : alphas.row(canvas.frame.y + y)[canvas.frame.x + x];
    fill.samples[3] = scaled(fill.bytes[3]);
    return fill;
  }

  [[nodiscard]] std::uint16_t scaled(std::uint8_t value) const {
    if (image_.depth == 8) return value;
    if (image_.depth == 16) return static_cast<std::uint16_t>(value * level);
    const unsigned largest = (1U << image_.depth) - 1;
    return static_cast<std::uint16_t>((value * largest + opaque / 2) / opaque);
  }

  const Retouch& work_;
  PngImage& image_;
  const Size stored_;
  const int back_;
};

void store(std::uint8_t* place, int channel, std::uint16_t value, int depth) {
  if (depth == 16)
    std::memcpy(place + 2 * static_cast<std::ptrdiff_t>(channel), &value, sizeof value);
  else
    place[channel] = static_cast<std::uint8_t>(value);
}

/// The samples of a fill in a picture with a transparent colour: this colour where the fill is transparent, and
/// another one, which differs by one, where an opaque fill would have it by chance.
void apply_key(Fill& fill, const std::vector<std::uint16_t>& key) {
  if (key.empty()) return;
  if (fill.bytes[3] <= opaque / 2) {
    std::ranges::copy(key, fill.samples.begin());
    return;
  }
  if (!std::equal(key.begin(), key.end(), fill.samples.begin())) return;
  std::uint16_t& last = fill.samples[key.size() - 1];
  last = static_cast<std::uint16_t>(last > 0 ? last - 1 : last + 1);
}

/// Whether an entry shows the fill as it is; the colours of fully transparent pixels need no places of their own.
bool shows(const PngImage::Entry& entry, const Fill& fill) {
  return entry == fill.bytes || (entry[3] == 0 && fill.bytes[3] == 0);
}

/// Stores the fill as indices. Returns false, and changes nothing, if the palette has no place for its colours.
bool fill_palette(Filler& filler, PngImage& image) {
  PaletteFit fit(image.palette);
  bool fits = true;
  filler.each([&](const std::uint8_t* place, const Fill& fill) {
    fits = fits && (shows(image.palette[*place], fill) || fit.index_of(fill.bytes));
  });
  if (!fits) return false;
  filler.each([&](std::uint8_t* place, const Fill& fill) {
    if (!shows(image.palette[*place], fill)) *place = *fit.index_of(fill.bytes);
  });
  image.depth = std::max(image.depth, index_depth(fit.palette().size()));
  image.palette = fit.palette();
  return true;
}

void fill_samples(Filler& filler, PngImage& image, bool fills_alpha) {
  const int channels = image.channels(), colours = channels <= 2 ? 1 : 3;
  filler.each([&](std::uint8_t* place, Fill fill) {
    apply_key(fill, image.transparent);
    for (int c = 0; c < colours; ++c) store(place, c, fill.samples[static_cast<std::size_t>(c)], image.depth);
    if (fills_alpha && channels % 2 == 0) store(place, channels - 1, fill.samples[3], image.depth);
  });
}

Note expanded_note() {
  return {std::string(note_codes::palette_expanded),
          "the palette of the PNG has no place for the colours of the fill, so the answer has RGB of 8 bits"};
}

/// Makes EXIF chunks with a thumbnail anew, in `made`. Returns whether there was one.
bool replace_thumbnails(std::vector<PngChunk>& chunks, std::list<std::string>& made) {
  for (PngChunk& chunk : chunks) {
    if (chunk.name != "eXIf") continue;
    std::string exif(chunk.data.begin(), chunk.data.end());
    if (!drop_thumbnail(exif)) continue;
    const std::string& fresh = made.emplace_back(make_png_chunk(chunk.name, exif));
    chunk.whole = {reinterpret_cast<const std::uint8_t*>(fresh.data()), fresh.size()};
  }
  return !made.empty();
}

}  // namespace

Retouched retouch_png(const Retouch& work) {
  if (work.filled.frame.empty()) return unchanged(work.file);
  PngImage image = read_png_image(work.file);
  auto chunks = png_chunks(work.file);
  Retouched answer{.bytes = {}, .exact = Exact::pixels, .notes = {}};
  std::vector<std::string_view> left_out;
  Filler filler(work, image);
  const bool fills_alpha = !work.filled.alpha.empty();
  if (image.palette.empty() || !fill_palette(filler, image)) {
    if (!image.palette.empty()) {
      expand_palette(image, !work.picture.alpha.empty());
      left_out = {"bKGD", "sBIT"};  // their form depends on the kind of samples
      answer.notes.push_back(expanded_note());
    }
    fill_samples(filler, image, fills_alpha);
  }
  std::list<std::string> made;  // chunks that `chunks` refers to
  if (replace_thumbnails(chunks, made)) answer.notes.push_back(previews_note());
  if (!png_chunk(chunks, "acTL").empty()) answer.notes.push_back(first_frame_note());
  answer.bytes = with_chunks_of(write_png(image), chunks, left_out);
  return answer;
}

Retouched deep_part(const Retouch& work) {
  PngImage image = read_png_image(work.file);
  Filler filler(work, image);
  fill_samples(filler, image, !work.filled.alpha.empty());
  image.samples =
      crop(image.samples, turned_upright(work.filled.frame, image.samples.size(), opposite(image.orientation)));
  turn_upright(image.samples, image.orientation);
  auto chunks = png_chunks(work.file);
  std::erase_if(chunks, [](const PngChunk& each) {
    constexpr std::array<std::string_view, 6> colours{"gAMA", "cHRM", "sRGB", "iCCP", "cICP", "IDAT"};
    return std::ranges::count(colours, each.name) == 0;
  });
  return {with_chunks_of(write_png(image), chunks, {}), Exact::pixels, {}};
}

}  // namespace inpaintd
