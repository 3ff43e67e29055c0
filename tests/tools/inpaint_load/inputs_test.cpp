// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/inputs.h"

#include <doctest/doctest.h>

#include <bit>
#include <numeric>
#include <set>

#include "image/codec.h"
#include "tests/support/temporary_directory.h"

namespace inpaintd::tools {
namespace {

int holes(const DrawnMask& mask) {
  return std::accumulate(mask.bits.begin(), mask.bits.end(), 0,
                         [](int sum, std::uint8_t b) { return sum + std::popcount(b); });
}

}  // namespace

TEST_CASE("a mask depends on its seed alone, and masks of different seeds differ") {
  for (MaskKind kind : {MaskKind::box, MaskKind::strokes, MaskKind::hole}) {
    CAPTURE(name(kind));
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const DrawnMask mask = draw_mask(kind, {512, 512}, seed);
      seen.insert(std::string(mask.bits.begin(), mask.bits.end()));
    }
    CHECK(seen.size() == 100);
    CHECK(draw_mask(kind, {512, 512}, 5).bits == draw_mask(kind, {512, 512}, 5).bits);
  }
}

TEST_CASE("a mask has a hole, leaves some pixels known, and sets no bit outside of the picture") {
  for (MaskKind kind : {MaskKind::box, MaskKind::strokes, MaskKind::hole}) {
    for (Size size : {Size{16, 16}, Size{100, 30}, Size{257, 511}}) {
      for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const DrawnMask mask = draw_mask(kind, size, seed);
        const auto stride = static_cast<std::size_t>((size.width + 7) / 8);
        REQUIRE(mask.bits.size() == stride * static_cast<std::size_t>(size.height));
        CHECK(holes(mask) > 0);
        CHECK(holes(mask) < size.width * size.height);
        const int spare = static_cast<int>(stride) * 8 - size.width;
        for (std::size_t row = 0; row < static_cast<std::size_t>(size.height); ++row)
          REQUIRE((mask.bits[row * stride + stride - 1] & ((1 << spare) - 1)) == 0);
      }
    }
  }
}

TEST_CASE("a box is a quarter to half as wide and high as the picture") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const DrawnMask mask = draw_mask(MaskKind::box, {64, 64}, seed);
    const auto decoded = decode_mask(mask.view(), {64, 64}, {});
    REQUIRE(decoded);
    const Rect box = bounding_box(decoded->holes);
    CHECK(box.width * box.height == holes(mask));
    CHECK((box.width >= 16 && box.width <= 32));
    CHECK((box.height >= 16 && box.height <= 32));
  }
}

TEST_CASE("the box of a hole is 10 to 50 % of the shorter side") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto decoded = decode_mask(draw_mask(MaskKind::hole, {1000, 400}, seed).view(), {1000, 400}, {});
    REQUIRE(decoded);
    const Rect box = bounding_box(decoded->holes);
    CHECK((box.width >= 38 && box.width <= 200));  // an ellipse may miss a pixel at each side
    CHECK((box.height >= 40 && box.height <= 200));
  }
}

TEST_CASE("one picture is prepared of each of given sizes") {
  const auto pictures = prepare_sizes({{64, 32}, {17, 40}, {64, 32}}, Format::png, 1);
  REQUIRE(pictures);
  REQUIRE(pictures->size() == 3);
  CHECK((*pictures)[1].size == Size{17, 40});
  const std::string& file = (*pictures)[1].bytes;
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
  CHECK(decode_image(EncodedFile{bytes}, {})->rgb.size() == Size{17, 40});
}

TEST_CASE("pictures are prepared for every size, decodable, and different") {
  for (Format format : {Format::raw, Format::png, Format::jpeg}) {
    CAPTURE(name(format));
    const auto pictures = prepare_pictures({64, 128}, format, "", 3, 1);
    REQUIRE(pictures);
    REQUIRE(pictures->size() == 6);
    std::set<std::string> contents;
    for (const LoadPicture& picture : *pictures) contents.insert(picture.bytes);
    CHECK(contents.size() == 6);
    CHECK(pictures->front().size == Size{64, 64});
    CHECK(pictures->back().size == Size{128, 128});
    if (format == Format::raw) CHECK(pictures->back().bytes.size() == 128 * 128 * 3);
  }
}

TEST_CASE("photographs may keep their own sizes") {
  const test::TemporaryDirectory folder;
  const auto sources = prepare_sizes({{64, 32}, {17, 40}}, Format::png, 1);
  REQUIRE(sources);
  folder.write("a.png", (*sources)[0].bytes);
  folder.write("b.png", (*sources)[1].bytes);
  const auto pictures = prepare_photographs(folder.path(), Format::jpeg);
  REQUIRE(pictures);
  REQUIRE(pictures->size() == 2);
  CHECK((*pictures)[0].size == Size{64, 32});
  CHECK((*pictures)[1].size == Size{17, 40});
}

TEST_CASE("a folder without photographs is refused") {
  CHECK_FALSE(prepare_photographs("/does/not/exist", Format::png));
  CHECK_FALSE(prepare_pictures({64}, Format::png, "/does/not/exist", 3, 1));
}

}  // namespace inpaintd::tools
