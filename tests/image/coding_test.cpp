// SPDX-License-Identifier: Apache-2.0
// Answers are encoded like the files of their requests.
#include "core/coding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "image/codec.h"
#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

/// Smooth shapes with a little noise, which compress like photographs.
Pixels photograph(int width, int height, int channels = 3) {
  Pixels result = noise(width, height, channels, 11);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width * channels; ++x) {
      const int shape = 30 + std::abs((x + 2 * y) % 256 - 128) + (x / 90 + y / 40) % 3 * 20;
      result.row(y)[x] = static_cast<std::uint8_t>(shape + result.row(y)[x] / 12);
    }
  return result;
}

Picture decoded(const std::string& bytes) {
  auto picture = decode_image(file(bytes), {});
  REQUIRE_MESSAGE(picture, picture.error().message);
  return std::move(*picture);
}

std::string answer(const std::string& request, Format format = Format::same, std::optional<int> quality = {},
                   std::optional<bool> lossless = {}) {
  auto bytes = encode_image(decoded(request), format, quality, lossless);
  REQUIRE_MESSAGE(bytes, bytes.error().message);
  return std::move(*bytes);
}

void check_same_coding(const JpegCoding& a, const JpegCoding& b) {
  REQUIRE(a.components.size() == b.components.size());
  for (std::size_t i = 0; i < a.components.size(); ++i) {
    CHECK(a.components[i].horizontal == b.components[i].horizontal);
    CHECK(a.components[i].vertical == b.components[i].vertical);
    CHECK(a.components[i].table == b.components[i].table);
  }
  CHECK(a.rgb == b.rgb);
  CHECK(a.progressive == b.progressive);
  CHECK(a.optimized == b.optimized);
}

bool is_lossless_webp(const std::string& bytes) { return !decoded(bytes).coding.quality; }

}  // namespace

TEST_CASE("the answer to a JPEG has its quantisers, sampling and progression, and about its number of bytes") {
  const Pixels colour = photograph(300, 200), grey = photograph(300, 200, 1);
  for (const std::string& request :
       {jpeg(colour, {.quality = 71}), jpeg(colour, {.quality = 30, .progressive = true}),
        jpeg(colour, {.quality = 88, .luma_horizontal = 1, .luma_vertical = 1}),
        jpeg(colour, {.quality = 88, .luma_horizontal = 2, .luma_vertical = 1, .optimized = true}),
        jpeg(colour, {.quality = 60, .luma_horizontal = 4, .luma_vertical = 1}),
        jpeg(colour, {.quality = 75, .luma_horizontal = 1, .luma_vertical = 1, .store_rgb = true}),
        jpeg(grey, {.quality = 50})}) {
    const std::string again = answer(request);
    const Coding coding = decoded(request).coding;
    REQUIRE(coding.jpeg);
    REQUIRE(decoded(again).coding.jpeg);
    check_same_coding(*coding.jpeg, *decoded(again).coding.jpeg);
    CHECK(again.size() <= request.size() * 21 / 20);
  }
}

TEST_CASE("the coding of a JPEG is turned together with its picture") {
  const std::string request =
      jpeg(photograph(160, 96),
           {.quality = 40, .exif = std::string("Exif\0\0", 6) + exif(6), .luma_horizontal = 2, .luma_vertical = 1});
  const auto coding = decoded(request).coding.jpeg;
  REQUIRE(coding);
  CHECK(coding->components[0].horizontal == 1);
  CHECK(coding->components[0].vertical == 2);
  const auto stored = decoded(jpeg(photograph(96, 160), {.quality = 40})).coding.jpeg->components[0].table;
  CHECK(coding->components[0].table[1] == stored[8]);
  CHECK(coding->components[0].table[8] == stored[1]);
  check_same_coding(*coding, *decoded(answer(request)).coding.jpeg);
}

TEST_CASE("the quality of a JPEG is determined from its quantisers") {
  for (const int quality : {5, 30, 50, 75, 90, 95, 100}) {
    CAPTURE(quality);
    const auto known = decoded(jpeg(photograph(64, 64), {.quality = quality})).coding.quality;
    REQUIRE(known);
    CHECK(*known == quality);
  }
}

TEST_CASE("the quality of a lossy WebP is determined from its quantisers") {
  for (const int quality : {10, 40, 60, 75, 80, 90, 95}) {
    CAPTURE(quality);
    const auto known = decoded(lossy_webp(photograph(320, 240), quality)).coding.quality;
    REQUIRE(known);
    CHECK(std::abs(*known - quality) <= 6);  // the encoder varies the quantiser with the content
  }
  CHECK(!decoded(webp(photograph(64, 64))).coding.quality);
  const Pixels frame(8, 8, 4, 200);
  CHECK(!decoded(animated_webp(frame, frame)).coding.quality);
  CHECK(decoded(lossy_webp(noise(64, 64, 4, 2))).coding.quality);  // with alpha
  CHECK(!decoded(png(photograph(8, 8))).coding.quality);
}

TEST_CASE("the answer to a lossy WebP is lossy with about its number of bytes, and to a lossless one lossless") {
  for (const int quality : {40, 80, 90}) {
    const std::string request = lossy_webp(photograph(320, 240), quality);
    const std::string again = answer(request);
    CHECK(!is_lossless_webp(again));
    CHECK(again.size() <= request.size() * 5 / 4);
    CHECK(is_lossless_webp(answer(request, Format::same, {}, true)));
  }
  const std::string lossless = webp(photograph(320, 240));
  CHECK(is_lossless_webp(answer(lossless)));
  CHECK(!is_lossless_webp(answer(lossless, Format::same, {}, false)));
  CHECK(!is_lossless_webp(answer(lossless, Format::same, 80)));
  CHECK(is_lossless_webp(answer(lossless, Format::same, 80, true)));
}

TEST_CASE("an answer in another format is lossy if the picture of the request was lossy, and otherwise lossless") {
  const Pixels rgb = photograph(128, 96);
  CHECK(!is_lossless_webp(answer(jpeg(rgb, {.quality = 70}), Format::webp)));
  CHECK(is_lossless_webp(answer(png(rgb), Format::webp)));
  const auto from_webp = decoded(answer(lossy_webp(rgb, 40), Format::jpeg)).coding.quality;
  CHECK(std::abs(*from_webp - 40) <= 12);  // the encoder varies the quantiser with the content
  CHECK(decoded(answer(png(rgb), Format::jpeg)).coding.quality == 95);
  CHECK(decoded(answer(jpeg(noise(40, 40, 4, 1), {.quality = 60}))).grey == false);  // CMYK
}

TEST_CASE("a quality in the options replaces the coding of the picture in the request") {
  const std::string request = jpeg(photograph(128, 96), {.quality = 30, .progressive = true});
  const auto coding = decoded(answer(request, Format::same, 80)).coding;
  CHECK(std::abs(*coding.quality - 80) <= 1);
  CHECK(!coding.jpeg->progressive);
}

}  // namespace inpaintd
