// SPDX-License-Identifier: Apache-2.0
#include "image/pipeline.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

const TilingLimits small_tiles{.window_sides = {256}, .context = 0.5, .context_min = 16};

Input prepared(const Request& request, const TilingLimits& tiling = {}) {
  auto input = prepare(request, {}, tiling);
  REQUIRE_MESSAGE(input, input.error().message);
  return std::move(*input);
}

/// Makes predictions of noise, a different one for each tile, which no smooth picture resembles.
std::vector<Pixels> predictions_for(const Input& input) {
  std::vector<Pixels> result;
  for (const Tile& tile : input.tiles)
    result.push_back(
        noise(tile.network_size().width, tile.network_size().height, 3, 100 + static_cast<unsigned>(result.size())));
  return result;
}

EncodedPicture rendered(const Input& input) {
  auto answer = render(input, predictions_for(input));
  REQUIRE_MESSAGE(answer, answer.error().message);
  return std::move(*answer);
}

Pixels picture_in(const EncodedPicture& answer) {
  if (answer.format == Format::raw) {
    Pixels rgb(answer.size.width, answer.size.height, 3);
    REQUIRE(answer.bytes.size() == rgb.bytes.size());
    std::copy(answer.bytes.begin(), answer.bytes.end(), rgb.bytes.begin());
    return rgb;
  }
  auto picture = decode_image(file(answer.bytes), {});
  REQUIRE(picture);
  CHECK(picture->format == answer.format);
  return picture->rgb;
}

/// Counts the pixels of `answer` that differ from the picture, among the known pixels and among the holes.
struct Changes {
  int known = 0, holes = 0;
};
Changes changes(const Input& input, const EncodedPicture& answer) {
  const Pixels rgb = picture_in(answer);
  REQUIRE(rgb.size() == Size{answer.region.width, answer.region.height});
  Changes result;
  for (int y = 0; y < rgb.height; ++y)
    for (int x = 0; x < rgb.width; ++x) {
      const int px = x + answer.region.x, py = y + answer.region.y;
      if (std::equal(rgb.row(y) + 3 * x, rgb.row(y) + 3 * x + 3, input.picture.rgb.row(py) + 3 * px)) continue;
      ++(input.holes->mask.row(py)[px] ? result.holes : result.known);
    }
  return result;
}

TEST_CASE("known pixels are byte-identical in png, lossless webp and raw with any options, and holes are filled") {
  const Pixels rgb = noise(601, 403, 3, 1);
  const RectMask holes{{{0, 0, 30, 20}, {200, 100, 100, 60}, {290, 90, 60, 20}, {580, 390, 21, 13}}};
  for (const Format format : {Format::png, Format::webp, Format::raw})
    for (const Strategy strategy : {Strategy::automatic, Strategy::whole, Strategy::crop, Strategy::resize})
      for (const Region region : {Region::full, Region::patch})
        for (const int soft : {0, 5}) {
          Request request;
          request.image = RawPixels{601, 403, bytes(rgb.bytes)};
          request.mask = holes;
          request.options = {format, {}, region, strategy, soft, soft};
          const Input input = prepared(request, small_tiles);
          const auto count = changes(input, rendered(input));
          CAPTURE(name(format));
          CAPTURE(name(strategy));
          CHECK(count.known == 0);
          CHECK(count.holes > 5000);
        }
}

TEST_CASE("a patch over several overlapping windows equals its part of the whole answer") {
  const Pixels rgb = noise(601, 403, 3, 2);
  Request request;
  request.image = RawPixels{601, 403, bytes(rgb.bytes)};
  request.mask = RectMask{{{40, 50, 30, 20}, {200, 100, 100, 60}, {310, 90, 60, 20}, {480, 290, 21, 13}}};
  request.options = {.strategy = Strategy::crop, .dilate = 2, .feather = 7};
  const Pixels full = picture_in(rendered(prepared(request, small_tiles)));
  request.options.region = Region::patch;
  const Input input = prepared(request, small_tiles);
  CHECK(input.tiles.size() > 1);
  const EncodedPicture answer = rendered(input);
  CHECK(answer.region == Rect{38, 48, 465, 257});
  CHECK(answer.size == Size{465, 257});
  const Pixels patch = picture_in(answer);
  for (int y = 0; y < patch.height; ++y)
    CHECK(std::equal(patch.row(y), patch.row(y) + patch.stride(), full.row(y + 48) + std::ptrdiff_t{3} * 38));
}

TEST_CASE("an answer depends on no sample outside of the needed part of a prediction") {
  const Pixels rgb = noise(601, 403, 3, 2);
  const std::vector<RectMask> masks{{{{0, 0, 30, 20}, {200, 100, 100, 60}, {290, 90, 60, 20}, {580, 390, 21, 13}}},
                                    {{{300, 200, 1, 1}}},
                                    {{{600, 402, 1, 1}}},
                                    {{{0, 0, 601, 403}}}};
  for (const RectMask& holes : masks)
    for (const Strategy strategy : {Strategy::whole, Strategy::crop, Strategy::resize})
      for (const int soft : {0, 5}) {
        Request request;
        request.image = RawPixels{601, 403, bytes(rgb.bytes)};
        request.mask = holes;
        request.options = {.strategy = strategy, .dilate = soft, .feather = soft};
        const Input input = prepared(request, small_tiles);
        const auto predictions = predictions_for(input);
        std::vector<Pixels> cut;
        for (std::size_t i = 0; i < predictions.size(); ++i) {
          const Rect& need = input.tiles[i].need;
          CHECK_FALSE(need.empty());
          CHECK(need.right() <= input.tiles[i].scaled.width);
          CHECK(need.bottom() <= input.tiles[i].scaled.height);
          Pixels& part = cut.emplace_back(predictions[i].width, predictions[i].height, 3, std::uint8_t{255});
          for (int y = need.y; y < need.bottom(); ++y)
            std::copy_n(predictions[i].row(y) + 3 * need.x, 3 * need.width, part.row(y) + 3 * need.x);
        }
        CAPTURE(name(strategy));
        const auto answer = render(input, cut), expected = render(input, predictions);
        REQUIRE(answer);
        CHECK(answer->bytes == expected->bytes);
        // A small hole needs a small part.
        if (holes.rects.size() == 1 && holes.rects[0].width == 1)
          CHECK(input.tiles[0].need.width * input.tiles[0].need.height <= 13 * 13);
      }
}

/// A black picture with these holes, for which two windows are planned.
Input in_two_windows(const std::vector<Rect>& holes) {
  const Pixels rgb(700, 256, 3, 0);
  Request request;
  request.image = RawPixels{700, 256, bytes(rgb.bytes)};
  request.mask = RectMask{holes};
  request.options.strategy = Strategy::crop;
  Input input = prepared(request, small_tiles);
  REQUIRE(input.tiles.size() == 2);
  return input;
}

TEST_CASE("each hole is filled from the window that was planned for it") {
  const Input input = in_two_windows({{100, 100, 100, 100}, {330, 100, 100, 100}});
  CHECK(input.tiles[0].window == Rect{22, 0, 256, 256});
  CHECK(input.tiles[1].window == Rect{252, 0, 256, 256});
  const auto answer = render(input, {Pixels(256, 256, 3, 1), Pixels(256, 256, 3, 2)});
  REQUIRE(answer);
  const Pixels result = picture_in(*answer);
  CHECK(result.row(150)[3 * 150] == 1);
  CHECK(result.row(150)[3 * 199] == 1);
  CHECK(result.row(150)[3 * 330] == 2);
  CHECK(result.row(150)[3 * 260] == 0);
}

TEST_CASE("a picture that is smaller than its window is mirrored repeatedly to the right and at the bottom") {
  const Pixels rgb = noise(100, 80, 3, 6);
  Request request;
  request.image = RawPixels{100, 80, bytes(rgb.bytes)};
  request.mask = RectMask{{{90, 0, 10, 7}}};
  for (const Strategy strategy : {Strategy::automatic, Strategy::crop, Strategy::resize}) {
    request.options.strategy = strategy;
    const Input input = prepared(request);
    REQUIRE(input.tiles.size() == 1);
    const Tile& tile = input.tiles[0];
    REQUIRE(tile.network_size() == Size{256, 256});
    const auto mirrored = [](int at, int side) { return at % (2 * side) < side ? at % side : side - 1 - at % side; };
    for (int y = 0; y < 256; ++y)
      for (int x = 0; x < 256; ++x) {
        const int from_x = mirrored(x, 100), from_y = mirrored(y, 80);
        REQUIRE(std::equal(tile.image->row(y) + 3 * x, tile.image->row(y) + 3 * x + 3, rgb.row(from_y) + 3 * from_x));
        REQUIRE((tile.mask->row(y)[x] != 0) == (from_x >= 90 && from_y < 7));
      }
    CHECK(tile.need == Rect{90, 0, 10, 7});
  }
}

TEST_CASE("the mask of a tile has every hole in its window") {
  const Input input = in_two_windows({{100, 100, 100, 100}, {260, 100, 110, 100}});
  CHECK(input.tiles[0].mask->row(150)[265 - input.tiles[0].window.x] == 255);
}

TEST_CASE("with an empty mask nothing is run, and the answer is the picture, or its first pixel as the patch") {
  const Pixels rgb = noise(30, 20, 3, 3);
  Request request;
  const std::string source = png(rgb);
  request.image = file(source);
  request.mask = RectMask{};
  request.options.dilate = 5;
  const Input input = prepared(request);
  CHECK(input.tiles.empty());
  CHECK(picture_in(rendered(input)) == rgb);
  request.options.region = Region::patch;
  const EncodedPicture patch = rendered(prepared(request));
  CHECK(patch.region == Rect{0, 0, 1, 1});
  CHECK(picture_in(patch).bytes == std::vector<std::uint8_t>(rgb.bytes.begin(), rgb.bytes.begin() + 3));
}

TEST_CASE("the mask may be one hole, and the picture a single pixel") {
  const Pixels rgb(1, 1, 3, 7);
  for (const Strategy strategy : {Strategy::automatic, Strategy::whole, Strategy::crop, Strategy::resize}) {
    Request request;
    request.image = RawPixels{1, 1, bytes(rgb.bytes)};
    request.mask = RectMask{{{0, 0, 1, 1}}};
    request.options = {.strategy = strategy, .dilate = 64, .feather = 64};
    const Input input = prepared(request);
    REQUIRE(input.tiles.size() == 1);
    const auto answer =
        render(input, {Pixels(input.tiles[0].network_size().width, input.tiles[0].network_size().height, 3, 200)});
    REQUIRE(answer);
    CHECK(answer->bytes == "\xC8\xC8\xC8");
  }
}

TEST_CASE("a grey picture is filled with grey, and its known pixels stay unchanged") {
  const Pixels grey = noise(40, 30, 1, 4);
  const std::string source = png(grey);
  for (const Format format : {Format::same, Format::webp, Format::raw}) {
    Request request;
    request.image = file(source);
    request.mask = RectMask{{{10, 10, 5, 5}}};
    request.options.format = format;
    const Input input = prepared(request);
    const EncodedPicture answer = rendered(input);
    const Pixels result = picture_in(answer);
    CHECK(changes(input, answer).known == 0);
    CHECK(changes(input, answer).holes > 20);
    for (std::size_t i = 0; i < result.bytes.size(); i += 3) {
      REQUIRE(result.bytes[i] == result.bytes[i + 1]);
      REQUIRE(result.bytes[i] == result.bytes[i + 2]);
    }
  }
}

TEST_CASE("the answer has the profile of the source, and its alpha cut to the patch") {
  const Pixels rgba = noise(40, 30, 4, 5);
  const std::string source = webp(rgba, rgb_profile());
  Request request;
  request.image = file(source);
  request.mask = RectMask{{{10, 11, 5, 6}}};
  request.options.region = Region::patch;
  const auto answer = rendered(prepared(request));
  CHECK(answer.format == Format::webp);
  const auto picture = decode_image(file(answer.bytes), {});
  REQUIRE(picture);
  CHECK(picture->icc == rgb_profile());
  REQUIRE(picture->alpha.size() == Size{5, 6});
  CHECK(picture->alpha.row(5)[4] == rgba.row(16)[4 * 14 + 3]);
}

TEST_CASE("the number of bytes of a raw answer is known before anything is computed, and that of a file is not") {
  const std::string source = png(noise(40, 30, 3, 5));
  Request request;
  request.image = file(source);
  request.mask = RectMask{{{10, 11, 5, 6}}};
  CHECK(!known_answer_bytes(prepared(request)));
  request.options.format = Format::raw;
  CHECK(known_answer_bytes(prepared(request)) == 40 * 30 * 3);
  request.options.region = Region::patch;
  CHECK(known_answer_bytes(prepared(request)) == rendered(prepared(request)).bytes.size());
}

TEST_CASE("a mask must have the size of the upright picture") {
  const std::string source = png(noise(20, 10, 3, 6), "", exif(6));
  const std::vector<std::uint8_t> data(200);
  Request request;
  request.image = file(source);
  request.mask = RawPixels{10, 20, bytes(data)};
  CHECK(prepare(request, {}, {}));
  request.mask = RawPixels{20, 10, bytes(data)};
  const auto input = prepare(request, {}, {});
  REQUIRE_FALSE(input);
  CHECK(input.error().code == ErrorCode::size_mismatch);
}

TEST_CASE("predictions that do not fit the tiles are an internal error") {
  const Pixels rgb(80, 80, 3);
  Request request;
  request.image = RawPixels{80, 80, bytes(rgb.bytes)};
  request.mask = RectMask{{{1, 1, 2, 2}}};
  request.options.strategy = Strategy::whole;
  const Input input = prepared(request);
  CHECK(render(input, {Pixels(80, 80, 3)}));
  for (const auto& wrong : std::vector<std::vector<Pixels>>{
           {}, {Pixels(72, 80, 3)}, {Pixels(80, 80, 1)}, {Pixels(80, 80, 3), Pixels(80, 80, 3)}}) {
    const auto answer = render(input, wrong);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::internal);
  }
}

}  // namespace
}  // namespace inpaintd
