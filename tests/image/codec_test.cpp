// SPDX-License-Identifier: Apache-2.0
#include "image/codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

const std::string exif_head("Exif\0\0", 6);

Picture decoded(const ImageSource& source) {
  auto picture = decode_image(source, {});
  REQUIRE_MESSAGE(picture, picture.error().message);
  return std::move(*picture);
}
Picture decoded(const std::string& bytes) { return decoded(file(bytes)); }

std::string encoded(const Picture& picture, Format format, std::optional<int> quality = {}) {
  auto bytes = encode_image(picture, format, quality);
  REQUIRE_MESSAGE(bytes, bytes.error().message);
  return std::move(*bytes);
}

Picture picture_of(Pixels rgb) {
  Picture picture;
  picture.rgb = std::move(rgb);
  return picture;
}

int largest_difference(const Pixels& a, const Pixels& b) {
  REQUIRE(a.size() == b.size());
  REQUIRE(a.bytes.size() == b.bytes.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
  return largest;
}

/// Six flat blocks of 8x8 pixels, "AB/CD/EF".
Pixels blocks() {
  Pixels result(16, 24, 3);
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 48; ++x) result.row(y)[x] = static_cast<std::uint8_t>(20 + 40 * (y / 8 * 2 + x / 24));
  return result;
}

/// The letters of the blocks of a picture, row by row.
std::string letters(const Pixels& rgb) {
  std::string result;
  for (int y = 4; y < rgb.height; y += 8) {
    if (!result.empty()) result += '/';
    for (int x = 4; x < rgb.width; x += 8) result += static_cast<char>('A' + rgb.row(y)[3 * x] / 40);
  }
  return result;
}

constexpr std::array<const char*, 9> upright{"",        "AB/CD/EF", "BA/DC/FE", "FE/DC/BA", "EF/CD/AB",
                                             "ACE/BDF", "ECA/FDB",  "FDB/ECA",  "BDF/ACE"};

TEST_CASE("a picture is turned upright by its EXIF orientation, in all formats and both byte orders") {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const std::string wanted = upright[static_cast<std::size_t>(orientation)];
    for (const bool big_endian : {false, true}) {
      const std::string block = exif(orientation, big_endian);
      CHECK(letters(decoded(jpeg(blocks(), {.exif = exif_head + block})).rgb) == wanted);
      CHECK(letters(decoded(png(blocks(), "", block)).rgb) == wanted);
      CHECK(letters(decoded(webp(blocks(), "", block)).rgb) == wanted);
    }
  }
}

TEST_CASE("a picture whose EXIF block has no valid orientation is not turned") {
  for (const std::string& block : {exif(0), exif(9), std::string("II"), std::string(40, '\xFF'), exif(6).substr(0, 15)})
    CHECK(letters(decoded(jpeg(blocks(), {.exif = exif_head + block})).rgb) == "AB/CD/EF");
}

TEST_CASE("alpha is turned upright together with the colours") {
  const Pixels rgba = pixels(2, 1, 4, {1, 2, 3, 4, 5, 6, 7, 8});
  const Picture picture = decoded(png(rgba, "", exif(6)));
  CHECK(picture.rgb == pixels(1, 2, 3, {1, 2, 3, 5, 6, 7}));
  CHECK(picture.alpha == pixels(1, 2, 1, {4, 8}));
}

TEST_CASE("PNG, lossless WebP and raw pictures are decoded to their exact samples") {
  const Pixels rgb = noise(13, 7, 3, 1);
  CHECK(decoded(png(rgb)).rgb == rgb);
  CHECK(decoded(webp(rgb)).rgb == rgb);
  CHECK(decoded(RawPixels{13, 7, bytes(rgb.bytes)}).rgb == rgb);
  CHECK(decoded(png(rgb)).format == Format::png);
  CHECK(decoded(webp(rgb)).format == Format::webp);
  CHECK(decoded(RawPixels{13, 7, bytes(rgb.bytes)}).format == Format::raw);
  CHECK(decoded(jpeg(rgb)).format == Format::jpeg);
}

TEST_CASE("baseline and progressive JPEG and lossy WebP are decoded to nearly the encoded picture") {
  CHECK(largest_difference(decoded(jpeg(blocks())).rgb, blocks()) <= 2);
  CHECK(largest_difference(decoded(jpeg(blocks(), {.progressive = true})).rgb, blocks()) <= 2);
  CHECK(largest_difference(decoded(lossy_webp(blocks())).rgb, blocks()) <= 12);
}

TEST_CASE("every kind of PNG is decoded to 8-bit RGB, with alpha if the file has transparency") {
  SUBCASE("16-bit colour is rounded to v / 257") {
    const PngFile spec{.width = 1, .height = 1, .depth = 16, .data = {0x00, 0x80, 0x00, 0x81, 0xFF, 0xFF}};
    CHECK(decoded(png(spec)).rgb == pixels(1, 1, 3, {0, 1, 255}));
  }
  SUBCASE("16-bit grey stays grey") {
    const auto picture = decoded(png({.width = 1, .height = 1, .depth = 16, .color_type = 0, .data = {0x64, 0x64}}));
    CHECK(picture.rgb == pixels(1, 1, 3, {100, 100, 100}));
    CHECK(picture.grey);
  }
  SUBCASE("one bit per pixel") {
    const auto picture = decoded(png({.width = 4, .height = 1, .depth = 1, .color_type = 0, .data = {0b01010000}}));
    CHECK(picture.rgb == pixels(4, 1, 3, {0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255}));
    CHECK(picture.grey);
    CHECK(picture.alpha.empty());
  }
  SUBCASE("a palette with transparency") {
    const auto picture = decoded(png({.width = 2,
                                      .height = 1,
                                      .color_type = 3,
                                      .data = {1, 0},
                                      .palette = {10, 20, 30, 40, 50, 60},
                                      .transparent = {128}}));
    CHECK(picture.rgb == pixels(2, 1, 3, {40, 50, 60, 10, 20, 30}));
    CHECK(picture.alpha == pixels(2, 1, 1, {255, 128}));
    CHECK_FALSE(picture.grey);
  }
  SUBCASE("a transparent grey level") {
    const auto picture =
        decoded(png({.width = 2, .height = 1, .color_type = 0, .data = {7, 9}, .transparent_grey = 9}));
    CHECK(picture.rgb == pixels(2, 1, 3, {7, 7, 7, 9, 9, 9}));
    CHECK(picture.alpha == pixels(2, 1, 1, {255, 0}));
    CHECK(picture.grey);
  }
  SUBCASE("grey with alpha") {
    const auto picture = decoded(png(pixels(1, 1, 2, {7, 9})));
    CHECK(picture.rgb == pixels(1, 1, 3, {7, 7, 7}));
    CHECK(picture.alpha == pixels(1, 1, 1, {9}));
  }
  SUBCASE("interlaced") {
    const Pixels rgb = noise(11, 9, 3, 2);
    CHECK(decoded(png({.width = 11, .height = 9, .data = rgb.bytes, .interlaced = true})).rgb == rgb);
  }
}

TEST_CASE("the first frame of an animated WebP is decoded") {
  const Pixels first(8, 8, 4, 200), second(8, 8, 4, 255);
  const auto picture = decoded(animated_webp(first, second));
  CHECK(picture.rgb == Pixels(8, 8, 3, 200));
  CHECK(picture.alpha == Pixels(8, 8, 1, 200));
}

TEST_CASE("a CMYK JPEG is converted to RGB: the white of the paper times the light that each ink and black transmit") {
  // Adobe stores 255 - ink: white paper, full cyan, half black.
  Pixels inks(24, 8, 4, 255);
  for (int y = 0; y < 8; ++y)
    for (int x = 8; x < 24; ++x) inks.row(y)[4 * x + (x < 16 ? 0 : 3)] = x < 16 ? 0 : 128;
  const Pixels rgb = decoded(jpeg(inks)).rgb;
  const auto near = [&](int x, std::array<int, 3> wanted) {
    for (int c = 0; c < 3; ++c) CHECK(std::abs(rgb.row(4)[3 * x + c] - wanted[static_cast<std::size_t>(c)]) <= 2);
  };
  near(4, {255, 255, 255});
  near(12, {0, 255, 255});
  near(20, {128, 128, 128});
}

TEST_CASE("ICC profile and alpha survive decoding and encoding in every format that holds them") {
  const Pixels rgba = noise(9, 5, 4, 3);
  const std::string icc = rgb_profile();
  for (const std::string& source : {png(rgba, icc), webp(rgba, icc)}) {
    const Picture picture = decoded(source);
    CHECK(picture.icc == icc);
    for (const Format format : {Format::png, Format::webp}) {
      const Picture again = decoded(encoded(picture, format));
      CHECK(again.icc == icc);
      CHECK(again.rgb == picture.rgb);  // colours under transparent alpha included
      CHECK(again.alpha == picture.alpha);
    }
    const Picture opaque = decoded(encoded(picture, Format::jpeg));
    CHECK(opaque.icc == icc);
    CHECK(opaque.alpha.empty());
  }
  CHECK(decoded(jpeg(blocks(), {.icc = icc})).icc == icc);
}

TEST_CASE("a grey picture stays grey in PNG and JPEG, and its profile is written if it fits the channels") {
  const std::string icc = grey_profile();
  const Pixels samples = noise(10, 6, 1, 4);
  constexpr std::size_t png_color_type = 25;
  for (const std::string& source : {png(samples, icc), jpeg(samples, {.icc = icc})}) {
    const Picture picture = decoded(source);
    CHECK(picture.grey);
    CHECK(picture.icc == icc);
    const std::string as_png = encoded(picture, Format::png);
    CHECK(as_png[png_color_type] == 0);
    CHECK(decoded(as_png).rgb == picture.rgb);
    CHECK(decoded(as_png).icc == icc);
    CHECK(decoded(encoded(picture, Format::jpeg)).grey);
    CHECK(decoded(encoded(picture, Format::jpeg)).icc == icc);
    const Picture as_webp = decoded(*encode_image(picture, Format::webp, {}, true));
    CHECK(as_webp.rgb == picture.rgb);
    CHECK(as_webp.icc.empty());
  }
  const std::string with_alpha = encoded(decoded(png(pixels(1, 1, 2, {7, 9}))), Format::png);
  CHECK(with_alpha[png_color_type] == 4);
  CHECK(decoded(with_alpha).alpha == pixels(1, 1, 1, {9}));
}

TEST_CASE("an invalid profile does not prevent the encoding of a picture") {
  Picture picture = picture_of(blocks());
  picture.icc = "too short";
  CHECK(decoded(encoded(picture, Format::png)).icc.empty());
  picture.icc = std::string(16, 'x') + "RGB " + std::string(200, 'x');
  CHECK(decoded(encoded(picture, Format::png)).rgb == blocks());
}

TEST_CASE("format `same` is the format of the source, and a raw answer has the RGB samples alone") {
  Picture picture = picture_of(pixels(1, 1, 3, {1, 2, 3}));
  picture.format = Format::raw;
  CHECK(encoded(picture, Format::same) == "\x01\x02\x03");
  picture.format = Format::webp;
  CHECK(encoded(picture, Format::same).substr(8, 4) == "WEBP");
}

TEST_CASE("a JPEG of higher quality has more bytes") {
  const Picture picture = picture_of(noise(64, 64, 3, 5));
  const auto size = [&](int quality) { return encoded(picture, Format::jpeg, quality).size(); };
  CHECK(size(1) < size(50));
  CHECK(size(50) < size(89));
  CHECK(size(89) < size(90));  // from quality 90 on, the chroma is not subsampled
  CHECK(size(90) < size(100));
}

TEST_CASE("a side that the output format cannot hold is refused with a format that can hold it") {
  const auto result = encode_image(picture_of(Pixels(16'384, 1, 3)), Format::webp, 95);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::too_large);
  CHECK(result.error().message == "webp cannot hold 16384x1 pixels; ask for format png");
  CHECK(encode_image(picture_of(Pixels(16'383, 1, 3)), Format::webp, 95));
}

}  // namespace
}  // namespace inpaintd
