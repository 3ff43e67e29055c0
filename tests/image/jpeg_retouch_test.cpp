// SPDX-License-Identifier: Apache-2.0
// Answers to JPEG files copy what lies outside of the holes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "image/pipeline.h"
#include "tests/image/fixtures.h"
#include "tests/image/jpeg_file.h"
#include "tests/image/retouch_support.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace test;

constexpr std::uint8_t fill_colour[] = {190, 60, 110};

/// Smooth shapes with a little noise; the channels differ.
Pixels photograph(int width, int height, int channels) {
  Pixels result = noise(width, height, channels, 17);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width * channels; ++x) {
      const int shape = 40 + std::abs((x + 3 * y + x % channels * 50) % 240 - 120);
      result.row(y)[x] = static_cast<std::uint8_t>(shape + result.row(y)[x] / 10);
    }
  return result;
}

/// The answer to a request for `source`: the network fills every hole with one colour.
EncodedPicture answered(const std::string& source, const std::vector<Rect>& holes, const Options& options = {}) {
  return answer_of_colour(prepared(request_for(source, holes, options)),
                          {fill_colour[0], fill_colour[1], fill_colour[2]});
}

bool overlap(const Rect& a, const Rect& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

bool any_overlaps(const std::vector<Rect>& holes, const Rect& part) {
  return std::ranges::any_of(holes, [&](const Rect& hole) { return overlap(hole, part); });
}

/// Checks that all blocks without a hole are the same, and counts those with a hole that changed.
int check_blocks(const JpegFile& before, const JpegFile& after, const std::vector<Rect>& stored_holes) {
  int changed = 0;
  REQUIRE(before.planes.size() == after.planes.size());
  for (std::size_t c = 0; c < before.planes.size(); ++c) {
    const JpegPlane &a = before.planes[c], &b = after.planes[c];
    CHECK(a.id == b.id);
    CHECK(a.quantisers == b.quantisers);
    REQUIRE(a.blocks.size() == b.blocks.size());
    const int width = before.unit.width / a.horizontal, height = before.unit.height / a.vertical;
    int wrong = 0;
    for (int y = 0; y < a.rows; ++y)
      for (int x = 0; x < a.columns; ++x) {
        if (a.block(x, y) == b.block(x, y)) continue;
        any_overlaps(stored_holes, {x * width, y * height, width, height}) ? ++changed : ++wrong;
      }
    CHECK(wrong == 0);
  }
  return changed;
}

/// Checks that decoded pixels changed only in units with a hole, and in the edge of one pixel beside such a unit into
/// which decoders interpolate subsampled components.
void check_pixels(const std::string& source, const std::string& answer, const std::vector<Rect>& stored_holes) {
  const JpegFile file = read_jpeg_file(source);
  const Pixels before = stored_pixels(source), after = stored_pixels(answer);
  REQUIRE(before.size() == after.size());
  const int edge_x = file.unit.width > 8 && file.planes.size() > 1 ? 1 : 0;
  const int edge_y = file.unit.height > 8 && file.planes.size() > 1 ? 1 : 0;
  int wrong = 0;
  for (int y = 0; y < before.height; ++y)
    for (int x = 0; x < before.width; ++x) {
      const auto at = static_cast<std::ptrdiff_t>(x) * before.channels;
      if (std::equal(before.row(y) + at, before.row(y) + at + before.channels, after.row(y) + at)) continue;
      bool allowed = false;
      for (const int px : {x - edge_x, x + edge_x})
        for (const int py : {y - edge_y, y + edge_y}) {
          const Rect unit{px / file.unit.width * file.unit.width, py / file.unit.height * file.unit.height,
                          file.unit.width, file.unit.height};
          allowed = allowed || any_overlaps(stored_holes, unit);
        }
      if (!allowed) ++wrong;
    }
  CHECK(wrong == 0);
}

/// The mean difference of the upright picture from the fill, inside of `hole` without the pixels near its edge.
double fill_error(const std::string& answer, const Rect& hole, bool grey) {
  const auto picture = decode_image(file(answer), {});
  REQUIRE(picture);
  const int luma = (299 * fill_colour[0] + 587 * fill_colour[1] + 114 * fill_colour[2] + 500) / 1000;
  int sum = 0, count = 0;
  for (int y = hole.y + 6; y < hole.bottom() - 6; ++y)
    for (int x = hole.x + 6; x < hole.right() - 6; ++x)
      for (int c = 0; c < 3; ++c, ++count)
        sum += std::abs(picture->rgb.row(y)[3 * x + c] - (grey ? luma : fill_colour[c]));
  return static_cast<double>(sum) / count;
}

struct Layout {
  const char* what;
  int channels;
  JpegSpec spec;
};

const Layout layouts[] = {
    {"4:4:4", 3, {.quality = 92, .luma_horizontal = 1, .luma_vertical = 1}},
    {"4:2:2", 3, {.quality = 92, .luma_horizontal = 2, .luma_vertical = 1}},
    {"4:2:0", 3, {.quality = 92, .luma_horizontal = 2, .luma_vertical = 2}},
    {"4:4:0", 3, {.quality = 92, .luma_horizontal = 1, .luma_vertical = 2}},
    {"4:1:1", 3, {.quality = 92, .luma_horizontal = 4, .luma_vertical = 1}},
    {"grey", 1, {.quality = 92}},
    {"grey with factors", 1, {.quality = 92, .luma_horizontal = 2, .luma_vertical = 2}},
    {"RGB", 3, {.quality = 95, .store_rgb = true}},
    {"CMYK", 4, {.quality = 95}},
    {"YCCK", 4, {.quality = 95, .ycck = true}},
    {"YCCK 4:2:0", 4, {.quality = 95, .luma_horizontal = 2, .luma_vertical = 2, .ycck = true}},
    {"restarts", 3, {.quality = 92, .restarts = true}},
    {"own tables", 3, {.quality = 92, .optimized = true}},
    {"progressive", 3, {.quality = 92, .progressive = true}},
    {"progressive with restarts", 3, {.quality = 92, .progressive = true, .restarts = true}},
    {"progressive grey", 1, {.quality = 92, .progressive = true}},
    {"progressive CMYK", 4, {.quality = 95, .progressive = true}},
    {"separate scans", 3, {.quality = 92, .separate_scans = true}},
    {"a low quality", 3, {.quality = 8}},
};

const std::vector<Rect> two_holes{{21, 18, 27, 25}, {90, 50, 7, 3}};

}  // namespace

TEST_CASE("outside of the holes, an answer has the coefficients, tables, scans and decoded pixels of the JPEG file") {
  for (const auto& [what, channels, spec] : layouts)
    for (const Size size : {Size{112, 64}, Size{97, 53}, Size{105, 71}}) {
      CAPTURE(what);
      CAPTURE(size.width);
      const std::string source = jpeg(photograph(size.width, size.height, channels), spec);
      const EncodedPicture answer = answered(source, two_holes);
      CHECK(answer.exact == Exact::bits);
      CHECK(answer.notes.empty());
      CHECK(answer.format == Format::jpeg);
      CHECK(answer.size == size);
      const JpegFile before = read_jpeg_file(source), after = read_jpeg_file(answer.bytes);
      CHECK(check_blocks(before, after, two_holes) > 4);
      check_pixels(source, answer.bytes, two_holes);
      CHECK(after.progressive == before.progressive);
      CHECK(after.restart_interval == before.restart_interval);
      CHECK(after.segments == before.segments);
      CHECK(scan_headers(answer.bytes) == scan_headers(source));
      CHECK(fill_error(answer.bytes, two_holes[0], channels == 1) <
            (spec.quality < 50 ? 20 : 4));  // of coarse quantisers
    }
}

TEST_CASE("a JPEG answer of other options keeps what lies outside of the holes, unless a quality is given") {
  const std::string source = jpeg(photograph(80, 60, 3), {.quality = 85});
  const std::vector<Rect> hole{{30, 20, 20, 20}};
  for (const Options& options :
       {Options{.format = Format::jpeg}, Options{.strategy = Strategy::whole}, Options{.strategy = Strategy::resize},
        Options{.feather = 5}, Options{.background = {1, 2, 3}, .lossless = true}}) {
    const EncodedPicture answer = answered(source, hole, options);
    CHECK(answer.exact == Exact::bits);
    CHECK(check_blocks(read_jpeg_file(source), read_jpeg_file(answer.bytes), hole) > 4);
  }
  const EncodedPicture grown = answered(source, hole, {.dilate = 4});
  CHECK(grown.exact == Exact::bits);
  check_blocks(read_jpeg_file(source), read_jpeg_file(grown.bytes), {{26, 16, 28, 28}});
  CHECK(answered(source, hole, {.quality = 85}).exact == Exact::recoded);
  CHECK(answered(source, hole, {.format = Format::webp}).exact == Exact::recoded);
  CHECK(answered(source, hole, {.format = Format::webp, .lossless = true}).exact == Exact::pixels);
  CHECK(answered(source, hole, {.format = Format::png}).exact == Exact::pixels);
  CHECK(answered(source, hole, {.format = Format::raw}).exact == Exact::pixels);
  CHECK(answered(source, hole, {.format = Format::png, .region = Region::patch}).exact == Exact::pixels);
  CHECK(answered(png(photograph(80, 60, 3)), hole, {.format = Format::jpeg}).exact == Exact::recoded);
}

TEST_CASE("holes at the edges and in every corner, and a hole that is the whole picture, are filled") {
  for (const auto& [what, channels, spec] : layouts) {
    CAPTURE(what);
    const std::string source = jpeg(photograph(97, 53, channels), spec);
    const std::vector<Rect> corners{{0, 0, 1, 1}, {96, 0, 1, 1}, {0, 52, 1, 1}, {96, 52, 1, 1}};
    const EncodedPicture answer = answered(source, corners);
    CHECK(answer.exact == Exact::bits);
    CHECK(check_blocks(read_jpeg_file(source), read_jpeg_file(answer.bytes), corners) > 0);
    check_pixels(source, answer.bytes, corners);
    const EncodedPicture all = answered(source, {{0, 0, 97, 53}});
    CHECK(fill_error(all.bytes, {0, 0, 97, 53}, channels == 1) < (spec.quality < 50 ? 20 : 4));
  }
}

TEST_CASE("a picture with an EXIF orientation keeps it and the order of its stored pixels, and is filled upright") {
  const Rect hole{17, 40, 22, 30};  // in the upright picture
  for (const bool full_chroma : {true, false})
    for (int orientation = 1; orientation <= 8; ++orientation) {
      CAPTURE(orientation);
      const bool turned = orientation >= 5;
      const int width = turned ? 103 : 61, height = turned ? 61 : 103;
      const std::string block = std::string("Exif\0\0", 6) + exif(orientation);
      JpegSpec spec{.quality = 92, .exif = block};
      if (full_chroma) spec.luma_horizontal = spec.luma_vertical = 1;
      const std::string source = jpeg(photograph(width, height, 3), spec);
      const EncodedPicture answer = answered(source, {hole});
      CHECK(answer.exact == Exact::bits);
      CHECK(answer.size == Size{61, 103});
      const int left = hole.x, right = 61 - hole.right(), top = hole.y, bottom = 103 - hole.bottom();
      const Rect stored[] = {{left, top, 22, 30},     {right, top, 22, 30},  {right, bottom, 22, 30},
                             {left, bottom, 22, 30},  {top, left, 30, 22},   {top, right, 30, 22},
                             {bottom, right, 30, 22}, {bottom, left, 30, 22}};
      const std::vector<Rect> holes{stored[orientation - 1]};
      const JpegFile before = read_jpeg_file(source), after = read_jpeg_file(answer.bytes);
      CHECK(after.size == Size{width, height});
      CHECK(after.segments == before.segments);
      CHECK(check_blocks(before, after, holes) > 4);
      check_pixels(source, answer.bytes, holes);
      CHECK(fill_error(answer.bytes, hole, false) < 4);
    }
}

TEST_CASE("without a hole, the answer is the file itself, byte for byte") {
  const std::string source =
      with_segments(jpeg(photograph(40, 30, 3), {.quality = 70, .progressive = true, .arithmetic = true}),
                    {{0xFE, "a comment"}, {0xE1, exif_with_thumbnail(6, jpeg(photograph(8, 8, 3)), "notes", false)}}) +
      "a trailer";
  Request request;
  request.image = file(source);
  const std::vector<std::uint8_t> bits(40 * 4);
  request.mask = BitMask{30, 40, bytes(bits)};
  const auto input = prepare(request, {}, {});
  REQUIRE_MESSAGE(input, input.error().message);
  const auto answer = render(*input, {});
  REQUIRE(answer);
  CHECK(answer->bytes == source);
  CHECK(answer->exact == Exact::bits);
  CHECK(answer->size == Size{30, 40});
}

}  // namespace inpaintd
