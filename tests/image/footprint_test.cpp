// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "image/pipeline.h"
#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

/// Records the arguments of the calls of `admit`.
struct Asked {
  std::vector<std::size_t> bytes;
  std::size_t refused_from = 100;  ///< the number of the first call that refuses

  [[nodiscard]] Admit admit() {
    return [this](std::size_t count) -> Status {
      bytes.push_back(count);
      if (bytes.size() > refused_from) return Error{ErrorCode::overloaded, "full"};
      return Ok{};
    };
  }
};

constexpr std::size_t tile_bytes = 3 + 1 + 3;
constexpr std::size_t structures = 1000;  // upper bound for a plan beside its pixels

std::size_t between(std::size_t value, std::size_t low, std::size_t high) { return std::clamp(value, low, high); }

/// A PNG of 8000x6000 pixels with a palette of one bit per pixel, truncated after the first of its data.
std::string huge_png() {
  const std::string file = png({.width = 8000,
                                .height = 6000,
                                .depth = 1,
                                .color_type = 3,
                                .data = std::vector<std::uint8_t>(6'000'000),
                                .palette = {10, 20, 30}});
  return file.substr(0, file.size() / 2);
}

TEST_CASE("admit is called with an estimate from the headers before anything is decoded") {
  const std::string source = huge_png();  // cannot be decoded
  Request request;
  request.image = file(source);
  request.mask = RectMask{{{100, 100, 50, 50}}};
  Asked asked{.refused_from = 0};
  const auto input = prepare(request, {}, {}, nullptr, asked.admit());
  REQUIRE_FALSE(input);
  CHECK(input.error().code == ErrorCode::overloaded);
  CHECK(input.error().message == "full");
  // Two copies of the samples, because the picture may have to be turned. The mask and the tile come later and need
  // less.
  CHECK(asked.bytes == std::vector<std::size_t>{std::size_t{8000} * 6000 * 6});
  CHECK(prepare(request, {}, {}).error().code == ErrorCode::unsupported_image);
}

TEST_CASE("the estimate is the memory of the step that needs the most") {
  const Pixels rgb = noise(640, 480, 3, 1), rgba = noise(640, 480, 4, 1), luma = noise(640, 480, 1, 1);
  constexpr std::size_t pixels = std::size_t{640} * 480;
  struct Case {
    std::string image;
    std::size_t decoding, kept;  ///< bytes a pixel
    std::size_t copying = 0;     ///< bytes a pixel of the coefficients, which are copied
  };
  for (const Case& c :
       {Case{png(rgb), 6, 3}, Case{png(rgba), 8, 4}, Case{jpeg(rgb), 6, 3, 3}, Case{jpeg(luma), 4, 3, 2},
        Case{jpeg(rgb, {.progressive = true}), 6, 3, 3}, Case{webp(rgb), 7, 3}, Case{webp(rgba), 8, 4},
        Case{lossy_webp(rgb), 6, 3}, Case{animated_webp(rgba, noise(640, 480, 4, 2)), 8, 4}}) {
    CAPTURE(c.image.substr(0, 4));
    CAPTURE(c.decoding);
    const auto first = [&](const MaskSource& mask, const Options& options) {
      Request request;
      request.image = file(c.image);
      request.mask = mask;
      request.options = options;
      Asked asked;
      REQUIRE(prepare(request, {}, {.window_sides = {256}}, nullptr, asked.admit()));
      return asked.bytes.at(0);
    };
    const RectMask corner{{{0, 0, 8, 8}}};
    const std::string mask_file = png(Pixels(640, 480, 1));
    // To show a tile of a picture with alpha: the tile, a copy and the visible pixels of it, levels of floats.
    const bool alpha = c.kept == 4;
    const auto shown = [&](std::size_t tile) {
      return alpha ? pixels + tile * (3 + 1 + 3 + 1 + 12) : tile * tile_bytes;
    };
    // The coefficients and segments of a JPEG, which the file limits, are kept from the beginning.
    const bool jpeg = c.image.starts_with("\xFF\xD8");
    const std::size_t coefficients = jpeg && c.copying > 0 ? pixels * c.copying + c.image.size() : 0;
    const std::size_t base = pixels * (c.kept + 1 + (jpeg ? 0 : c.copying));
    const std::size_t held = base + shown(std::size_t{256} * 256);
    const auto most = [&](std::size_t per_pixel) {
      return coefficients + std::max({pixels * c.decoding, pixels * per_pixel, held});
    };
    CHECK(first(corner, {.strategy = Strategy::resize}) == most(0));
    CHECK(first(file(mask_file), {.strategy = Strategy::resize}) == most(c.kept + 2));
    CHECK(first(corner, {.strategy = Strategy::crop}) == most(c.kept + 1 + 4));
    CHECK(first(corner, {.strategy = Strategy::resize, .dilate = 1}) == most(c.kept + 1 + 7));
    CHECK(first(corner, {.strategy = Strategy::resize, .feather = 1}) ==
          std::max(most(c.kept + 1 + 8), coefficients + held + pixels * 4));
    CHECK(first(corner, {.strategy = Strategy::whole}) == std::max(most(0), coefficients + base + shown(pixels)));
  }
}

TEST_CASE("the second call of admit has the memory that the request holds until it is answered") {
  const Pixels rgb = noise(200, 100, 3, 1);
  Request request;
  request.image = RawPixels{200, 100, bytes(rgb.bytes)};
  request.mask = RectMask{{{10, 10, 20, 20}}};
  Asked asked;
  REQUIRE(prepare(request, {}, {}, nullptr, asked.admit()));
  REQUIRE(asked.bytes.size() == 2);
  const std::size_t held = std::size_t{200} * 100 * (3 + 1) + std::size_t{256} * 256 * tile_bytes;
  CHECK(asked.bytes[1] == between(asked.bytes[1], held, held + structures));

  request.options.feather = 4;
  Asked feathered;
  REQUIRE(prepare(request, {}, {}, nullptr, feathered.admit()));
  CHECK(feathered.bytes.at(1) == asked.bytes[1] + 20 * 20 * sizeof(float));

  request.mask = RectMask{};
  Asked nothing;
  REQUIRE(prepare(request, {}, {}, nullptr, nothing.admit()));
  const std::size_t picture = std::size_t{200} * 100 * (3 + 1);
  CHECK(nothing.bytes.at(1) == between(nothing.bytes.at(1), picture, picture + structures));
}

TEST_CASE("the coefficients of a JPEG are counted if the answer copies them") {
  const std::string source = jpeg(noise(203, 97, 3, 1)), inks = jpeg(noise(203, 97, 4, 1), {.progressive = true});
  const auto second = [](const std::string& image, const MaskSource& mask, const Options& options) {
    Request request;
    request.image = file(image);
    request.mask = mask;
    request.options = options;
    Asked asked;
    REQUIRE(prepare(request, {}, {}, nullptr, asked.admit()));
    return asked.bytes.at(1);
  };
  const RectMask hole{{{10, 10, 20, 20}}};
  const std::size_t png = second(source, hole, {.format = Format::png});
  constexpr std::size_t units = 13 * 7, block = 128;  // MCUs of 16 x 16 pixels
  constexpr std::size_t jfif = 14, adobe = 12;        // segments
  CHECK(second(source, hole, {}) == png + units * 6 * block + jfif);
  CHECK(second(source, hole, {.format = Format::jpeg}) == png + units * 6 * block + jfif);
  CHECK(second(source, hole, {.quality = 90}) == png);
  CHECK(second(source, hole, {.format = Format::webp}) == png);
  CHECK(second(source, RectMask{}, {}) == second(source, RectMask{}, {.format = Format::png}));
  // The inks of a progressive file are decoded a second time.
  CHECK(second(inks, hole, {}) ==
        second(inks, hole, {.format = Format::png}) + 2 * std::size_t{26 * 13 * 4} * block + adobe);
}

TEST_CASE("the second call of admit counts every window, and can refuse before windows are cut") {
  const Pixels rgb = noise(1600, 256, 3, 1);
  Request request;
  request.image = RawPixels{1600, 256, bytes(rgb.bytes)};
  request.mask = RectMask{{{100, 100, 20, 20}, {700, 100, 20, 20}, {1300, 100, 20, 20}}};
  request.options.strategy = Strategy::crop;
  const TilingLimits tiling{.window_sides = {256}};
  Asked asked{.refused_from = 1};
  CHECK(prepare(request, {}, tiling, nullptr, asked.admit()).error().code == ErrorCode::overloaded);
  REQUIRE(asked.bytes.size() == 2);
  const std::size_t held = std::size_t{1600} * 256 * (3 + 1) + 3 * std::size_t{256} * 256 * tile_bytes;
  CHECK(asked.bytes[1] == between(asked.bytes[1], held, held + structures));
}

TEST_CASE("a mask file whose size does not fit the picture is refused after its header is read") {
  const Pixels rgb(60, 40, 3);
  Request request;
  request.image = RawPixels{60, 40, bytes(rgb.bytes)};
  const std::string huge = huge_png();
  request.mask = file(huge);
  Asked asked;
  CHECK(prepare(request, {}, {}, nullptr, asked.admit()).error().code == ErrorCode::size_mismatch);
  CHECK(asked.bytes.empty());
  // A mask with exchanged sides may be turned by its EXIF block.
  const std::string turned = png(Pixels(40, 60, 1, 255), "", exif(6)), lying = png(Pixels(40, 60, 1, 255));
  request.mask = file(turned);
  CHECK(prepare(request, {}, {}));
  request.mask = file(lying);
  CHECK(prepare(request, {}, {}).error().code == ErrorCode::size_mismatch);
}

TEST_CASE("strategy whole is refused for pictures beyond its limit before anything is decoded") {
  const TilingLimits tiling{.whole_pixels_max = 60 * 40};
  const auto code_of = [&](Size size, Strategy strategy) -> std::string {
    const std::vector<std::uint8_t> rgb(static_cast<std::size_t>(size.width * size.height * 3));
    Request request;
    request.image = RawPixels{size.width, size.height, bytes(rgb)};
    request.mask = RectMask{{{0, 0, 1, 1}}};
    request.options.strategy = strategy;
    const auto input = prepare(request, {}, tiling);
    return input ? "ok" : std::string(info(input.error().code).name);
  };
  CHECK(code_of({60, 40}, Strategy::whole) == "ok");
  CHECK(code_of({60, 41}, Strategy::whole) == "too_large");
  for (const Strategy strategy : {Strategy::automatic, Strategy::crop, Strategy::resize})
    CHECK(code_of({60, 41}, strategy) == "ok");

  const std::string source = huge_png();
  Request request;
  request.image = file(source);
  request.mask = RectMask{{{0, 0, 1, 1}}};
  request.options.strategy = Strategy::whole;
  const Error error = prepare(request, {}, {}).error();
  CHECK(error.code == ErrorCode::too_large);
  CHECK(error.message ==
        "a picture of 8000x6000 exceeds the limit of strategy \"whole\", 8000000 pixels; ask for strategy \"crop\" or "
        "\"resize\"");
}

}  // namespace
}  // namespace inpaintd
