// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/fill_error.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "image/codec.h"

namespace inpaintd::tools {
namespace {

/// A 40x30 picture of one colour.
LoadPicture plain(std::uint8_t level) {
  return {{40, 30}, Format::raw, std::string(40 * 30 * 3, static_cast<char>(level))};
}

Pixels answer_of(Size size, std::uint8_t level) {
  Pixels pixels(size.width, size.height, 3);
  std::ranges::fill(pixels.bytes, level);
  return pixels;
}

}  // namespace

TEST_CASE("the error of a fill is the mean difference in the hole, and the known pixels do not count") {
  const DrawnMask mask = draw_mask(MaskKind::box, {40, 30}, 1);
  CHECK(*fill_error(plain(100), mask, answer_of({40, 30}, 100)) == 0);
  CHECK(*fill_error(plain(100), mask, answer_of({40, 30}, 107)) == 7);
  Pixels answer = answer_of({40, 30}, 100);
  const Pixels holes = decode_mask(mask.view(), {40, 30}, {})->holes;
  for (std::size_t pixel = 0; pixel < holes.bytes.size(); ++pixel)
    if (holes.bytes[pixel] == 0) std::fill_n(answer.bytes.begin() + static_cast<std::ptrdiff_t>(pixel) * 3, 3, 0);
  CHECK(*fill_error(plain(100), mask, answer) == 0);
}

TEST_CASE("an answer of another size is brought to the picture's own size before it is compared") {
  const DrawnMask mask = draw_mask(MaskKind::box, {40, 30}, 1);
  for (Size size : {Size{512, 512}, Size{16, 16}}) CHECK(*fill_error(plain(100), mask, answer_of(size, 93)) == 7);
}

TEST_CASE("a stretched picture keeps its content, and its mask covers the same part") {
  const LoadPicture picture = prepare_sizes({{80, 60}}, Format::png, 3)->front();
  const auto stretched = stretch(picture, {64, 64});
  REQUIRE(stretched);
  CHECK(stretched->size == Size{64, 64});
  CHECK(stretched->stretched_from == Size{80, 60});
  const auto pixels = decode_picture(stretched->format, stretched->size, as_bytes(stretched->bytes));
  REQUIRE(pixels);
  const DrawnMask everything{{80, 60}, std::vector<std::uint8_t>(10 * 60, 0xff)};
  CHECK(*fill_error(picture, everything, pixels->rgb) < 10);  // noise of another seed differs by more than 40 levels

  const DrawnMask mask = draw_mask(MaskKind::box, {80, 60}, 2);
  const Rect box = bounding_box(decode_mask(mask.view(), {80, 60}, {})->holes);
  const DrawnMask smaller = stretch(mask, {40, 120});
  const Rect stretched_box = bounding_box(decode_mask(smaller.view(), {40, 120}, {})->holes);
  CHECK(stretched_box.x == box.x / 2);
  CHECK(stretched_box.y == box.y * 2);
  CHECK(stretched_box.width == (box.x + box.width + 1) / 2 - box.x / 2);
  CHECK(stretched_box.height == box.height * 2);
}

TEST_CASE("requests with a stretched picture carry the mask of the original, stretched alike") {
  LoadOptions options;
  options.masks = MaskKind::hole;
  const auto originals = prepare_sizes({{80, 60}, {50, 70}}, Format::raw, 1);
  REQUIRE(originals);
  std::vector<LoadPicture> squares;
  for (const LoadPicture& each : *originals) squares.push_back(*stretch(each, {64, 64}));
  const RequestMaker original(options, *originals), square(options, squares);
  for (std::size_t number = 0; number < 10; ++number) {
    const Choice choice = square.choice(number);
    CHECK(square.mask(choice).bits == stretch(original.mask(choice), {64, 64}).bits);
  }
}

}  // namespace inpaintd::tools
