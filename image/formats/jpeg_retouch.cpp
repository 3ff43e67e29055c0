// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "image/formats/cmyk.h"
#include "image/formats/jpeg_segments.h"
#include "image/formats/jpeg_transcoder.h"
#include "image/formats/retouch_formats.h"
#include "image/mat.h"

namespace inpaintd {
namespace {

/// Units without a hole that are encoded beside others, because an encoder of its own for each run costs more.
constexpr int gap_max = 8;

/// The filled picture in the form in which the file stores it.
class StoredPicture {
 public:
  StoredPicture(const Retouch& work, int orientation, Size stored)
      : work_(work), orientation_(orientation), upright_(work.picture.rgb.size()), stored_(stored) {}

  /// The box around all holes.
  [[nodiscard]] Rect box() const { return turned_upright(bounding_box(work_.holes), stored_, opposite(orientation_)); }

  /// A part of the mask.
  [[nodiscard]] Pixels mask(const Rect& part) const {
    Pixels pixels = crop(work_.holes, upright(part));
    turn_upright(pixels, opposite(orientation_));
    return pixels;
  }

  /// A part of the picture, RGB: holes are filled.
  [[nodiscard]] Pixels rgb(const Rect& part) const {
    const Rect place = upright(part);
    Pixels pixels = crop(work_.picture.rgb, place);
    const cv::Rect frame = to_cv(work_.filled.frame), filled = to_cv(place) & frame;
    view(work_.filled.rgb)(filled - frame.tl())
        .copyTo(view(pixels)(filled - to_cv(place).tl()), view(work_.holes)(filled));
    turn_upright(pixels, opposite(orientation_));
    return pixels;
  }

 private:
  [[nodiscard]] Rect upright(const Rect& part) const { return turned_upright(part, upright_, orientation_); }

  const Retouch& work_;
  const int orientation_;
  const Size upright_, stored_;
};

/// The rows of a CMYK file from top to bottom, as stored: the decoded picture has no inks any more.
class InkRows {
 public:
  explicit InkRows(Bytes file) {
    open(reader_, file, no_limits);
    reader_.jpeg.out_color_space = JCS_CMYK;
    jpeg_start_decompress(&reader_.jpeg);
  }

  [[nodiscard]] bool inverted() const { return reader_.jpeg.saw_Adobe_marker == TRUE; }

  /// The rows of `part`, at its place in them. Each call is for a lower part than the one before, or the same rows.
  const Pixels& rows(const Rect& part) {
    if (!read_.empty() && top_ == part.y) return read_;
    read_ = Pixels(static_cast<int>(reader_.jpeg.output_width), part.height, 4);
    for (top_ = part.y; static_cast<int>(reader_.jpeg.output_scanline) < part.bottom();) {
      std::uint8_t* line = read_.row(std::max(0, static_cast<int>(reader_.jpeg.output_scanline) - part.y));
      jpeg_read_scanlines(&reader_.jpeg, &line, 1);
    }
    return read_;
  }

 private:
  JpegReader reader_;
  Pixels read_;
  int top_ = 0;
};

/// Replaces the blocks of holes by newly encoded ones.
class Retoucher {
 public:
  Retoucher(JpegCoefficients& coefficients, const StoredPicture& picture, Bytes file)
      : coefficients_(coefficients), picture_(picture) {
    if (components() == 4) inks_.emplace(file);
  }

  void run() {
    const Rect box = picture_.box();
    const Size unit = coefficients_.unit();
    for (int row = box.y / unit.height; row * unit.height < box.bottom(); ++row) retouch_row(row, box);
  }

 private:
  [[nodiscard]] int components() const { return coefficients_.reader().jpeg.num_components; }

  /// The columns [first, last) of units.
  struct Run {
    int first = 0;
    int last = 0;
  };

  /// The part of the picture that a run of units in a row shows.
  [[nodiscard]] Rect part_of(int row, const Run& run) const {
    const Size unit = coefficients_.unit(), size = coefficients_.size();
    const int left = run.first * unit.width, top = row * unit.height;
    return {left, top, std::min(size.width, run.last * unit.width) - left,
            std::min(size.height, top + unit.height) - top};
  }

  /// The runs of units with holes in `row`.
  [[nodiscard]] std::vector<Run> runs_of(int row, const Rect& box) const {
    const int width = coefficients_.unit().width;
    const Run all{box.x / width, (box.right() + width - 1) / width};
    const Pixels mask = picture_.mask(part_of(row, all));
    std::vector<Run> runs;
    for (int column = all.first; column < all.last; ++column) {
      if (!has_hole(mask, {(column - all.first) * width, 0, width, mask.height})) continue;
      if (!runs.empty() && column - runs.back().last <= gap_max)
        runs.back().last = column + 1;
      else
        runs.push_back({column, column + 1});
    }
    return runs;
  }

  void retouch_row(int row, const Rect& box) {
    for (const Run& run : runs_of(row, box)) {
      const Rect part = part_of(row, run);
      const Pixels mask = picture_.mask(part);
      const std::string file = coefficients_.encode(samples(part, mask));
      JpegCoefficients fresh({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()});
      for (int c = 0; c < components(); ++c) replace(c, row, run, mask, fresh);
    }
  }

  /// The samples of a part as the encoder takes them.
  [[nodiscard]] Pixels samples(const Rect& part, const Pixels& mask) {
    Pixels rgb = picture_.rgb(part);
    if (components() == 3) return rgb;
    if (components() == 4) return with_inks(rgb, part, mask);
    Pixels grey(rgb.width, rgb.height, 1);
    cv::extractChannel(view(rgb), view(grey), 0);
    return grey;
  }

  [[nodiscard]] Pixels with_inks(const Pixels& rgb, const Rect& part, const Pixels& mask) {
    Pixels cmyk = crop(inks_->rows(part), {part.x, 0, part.width, part.height});
    for (int y = 0; y < part.height; ++y)
      for (std::ptrdiff_t x = 0; x < part.width; ++x)
        if (mask.row(y)[x] != 0) rgb_to_cmyk(rgb.row(y) + 3 * x, cmyk.row(y) + 4 * x, inks_->inverted());
    return cmyk;
  }

  /// Copies the blocks of one component that show a part of a hole. `mask` is that of the run.
  void replace(int component, int row, const Run& run, const Pixels& mask, JpegCoefficients& fresh) {
    const jpeg_component_info& info = coefficients_.reader().jpeg.comp_info[component];
    const Size block = coefficients_.block(component);
    const int left = run.first * info.h_samp_factor, top = row * info.v_samp_factor;
    const int right = std::min(run.last * info.h_samp_factor, static_cast<int>(info.width_in_blocks));
    const int bottom = std::min(top + info.v_samp_factor, static_cast<int>(info.height_in_blocks));
    for (int y = top; y < bottom; ++y) {
      JBLOCKROW to = coefficients_.row(component, y), from = fresh.row(component, y - top);
      for (int x = left; x < right; ++x)
        if (has_hole(mask, {(x - left) * block.width, (y - top) * block.height, block.width, block.height}))
          std::ranges::copy(from[x - left], to[x]);
    }
  }

  /// Whether a part of a mask, as far as it lies in the mask, has a hole.
  static bool has_hole(const Pixels& mask, const Rect& part) {
    const int right = std::min(mask.width, part.right());
    for (int y = part.y; y < std::min(mask.height, part.bottom()); ++y)
      if (std::any_of(mask.row(y) + part.x, mask.row(y) + right, [](std::uint8_t each) { return each != 0; }))
        return true;
    return false;
  }

  JpegCoefficients& coefficients_;
  const StoredPicture& picture_;
  std::optional<InkRows> inks_;
};

std::vector<Note> notes_on(const Surroundings& surroundings) {
  std::vector<Note> notes;
  if (surroundings.previews_dropped)
    notes.push_back({std::string(note_codes::previews_dropped),
                     "thumbnails and further pictures inside of the JPEG file were left out, because they show it as "
                     "it was"});
  if (!surroundings.trailer.empty())
    notes.push_back({std::string(note_codes::trailer_kept),
                     std::to_string(surroundings.trailer.size()) +
                         " bytes after the picture in the JPEG file were kept; if they are a film or another picture, "
                         "they show what was there before"});
  return notes;
}

}  // namespace

std::variant<Retouched, NotRetouched> retouch_jpeg(const Retouch& work) {
  if (work.filled.frame.empty()) return unchanged(work.file);
  try {
    JpegCoefficients& coefficients = *work.picture.coefficients;
    const auto lock = coefficients.lock();
    coefficients.check_transcodable();
    const int orientation = exif_orientation(exif_of(coefficients.reader().jpeg));
    const StoredPicture picture(work, orientation, coefficients.size());
    Retoucher(coefficients, picture, work.file).run();
    const Surroundings surroundings = surroundings_of(coefficients.reader(), work.file);
    return Retouched{coefficients.write(surroundings), Exact::bits, notes_on(surroundings)};
  } catch (NotTranscodable& failure) {
    return NotRetouched{std::move(failure.reason)};
  }
}

}  // namespace inpaintd
