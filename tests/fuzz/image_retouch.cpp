// SPDX-License-Identifier: Apache-2.0
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <vector>

#include "image/pipeline.h"
#include "tests/fuzz/fuzz.h"
#include "tests/image/fixtures.h"
#include "tests/image/jpeg_file.h"

/// JPEG files whose coefficients are copied outside of a hole.
namespace inpaintd::fuzz {
namespace {

using namespace fixtures;

constexpr ImageLimits limits{.pixels_max = 100'000, .side_max = 1'000};
const TilingLimits tiling{.window_sides = {64}};

bool shows(const Rect& hole, const Rect& part) {
  return hole.x < part.right() && part.x < hole.right() && hole.y < part.bottom() && part.y < hole.bottom();
}

/// Checks the blocks of one component. `upright`: the hole is where the file stores it.
void check_plane(const JpegFile& file, const JpegPlane& before, const JpegPlane& after, const Rect& hole,
                 bool upright) {
  require(before.quantisers == after.quantisers && before.blocks.size() == after.blocks.size() &&
              before.horizontal == after.horizontal && before.vertical == after.vertical && before.id == after.id,
          "a component keeps its quantisers and its sampling");
  const int width = file.unit.width / before.horizontal, height = file.unit.height / before.vertical;
  for (int y = 0; upright && y < before.rows; ++y)
    for (int x = 0; x < before.columns; ++x)
      require(before.block(x, y) == after.block(x, y) || shows(hole, {x * width, y * height, width, height}),
              "a block without a hole is copied");
}

void check_copied(std::string_view source, const EncodedPicture& answer, const Rect& hole) {
  const JpegFile before = read_jpeg_file(source), after = read_jpeg_file(answer.bytes);
  require(before.size == after.size && before.planes.size() == after.planes.size(), "a file keeps its size");
  require(before.progressive == after.progressive, "a progressive file stays progressive");
  require(after.segments.size() <= before.segments.size(), "no segment is added");
  const bool turned = before.size != answer.size;
  const bool has_exif =
      std::ranges::any_of(before.segments, [](const JpegSegment& each) { return each.first == 0xE1; });
  for (std::size_t c = 0; c < before.planes.size(); ++c)
    check_plane(before, before.planes[c], after.planes[c], hole, !turned && !has_exif);
}

}  // namespace

std::vector<std::string> seeds() {
  const std::string rectangle(4, '\x05');  // after the file, because numbers are taken from the end
  const Pixels rgb = noise(40, 33, 3, 6), rgba = noise(33, 24, 4, 7);
  const std::string small = jpeg(noise(8, 8, 3, 1), {.quality = 10});
  std::vector<std::string> files{
      jpeg(rgb, {.quality = 60}),
      jpeg(rgb, {.quality = 60, .progressive = true, .restarts = true}),
      jpeg(rgb, {.quality = 60, .separate_scans = true}),
      jpeg(rgb, {.quality = 60, .luma_horizontal = 2, .luma_vertical = 1, .optimized = true}),
      jpeg(rgb, {.quality = 60, .store_rgb = true}),
      jpeg(rgba, {.quality = 60}),
      jpeg(rgba, {.quality = 60, .progressive = true, .ycck = true}),
      jpeg(noise(17, 24, 1, 8), {.quality = 50}),
      with_segments(jpeg(rgb, {.quality = 30}),
                    {{0xE1, exif_with_thumbnail(6, small, "notes", true)}, {0xE2, std::string("MPF\0II", 6)}}) +
          small,
      with_segments(jpeg(rgb, {.quality = 30}), {{0xE1, exif_with_thumbnail(3, small, "", false)}}),
  };
  for (std::string& each : files) each += rectangle;
  return files;
}

void run(Bytes input) {
  FuzzedDataProvider provider(input.data(), input.size());
  Rect hole{provider.ConsumeIntegral<std::uint8_t>(), provider.ConsumeIntegral<std::uint8_t>(), 0, 0};
  hole.width = 1 + provider.ConsumeIntegralInRange(0, 63);
  hole.height = 1 + provider.ConsumeIntegralInRange(0, 63);
  const std::string source = provider.ConsumeRemainingBytesAsString();
  Request request;
  request.image = EncodedFile{bytes_of(source)};
  request.mask = RectMask{{hole}};
  request.options.strategy = Strategy::resize;
  const auto prepared = prepare(request, limits, tiling);
  if (!prepared || prepared->picture.format != Format::jpeg) return;
  std::vector<Pixels> answers;
  for (const Tile& tile : prepared->tiles) answers.push_back(*tile.mask);
  for (Pixels& answer : answers) answer = Pixels(answer.width, answer.height, 3, 77);
  const auto rendered = render(*prepared, answers);
  require(bool(rendered), "what was prepared can be rendered");
  require(bool(decode_image(EncodedFile{bytes_of(rendered->bytes)}, limits)), "an answer can be decoded");
  require((rendered->exact == Exact::recoded) ==
              std::ranges::any_of(rendered->notes, [](const Note& note) { return note.code == note_codes::recoded; }),
          "a note says that the picture was encoded anew");
  if (rendered->exact == Exact::bits) check_copied(source, *rendered, hole);
}

}  // namespace inpaintd::fuzz
