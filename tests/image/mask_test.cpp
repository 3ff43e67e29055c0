// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "image/codec.h"
#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

Pixels holes(const MaskSource& source, Size size) {
  auto decoded = decode_mask(source, size, {});
  REQUIRE_MESSAGE(decoded, decoded.error().message);
  return std::move(decoded->holes);
}

Error refusal(const MaskSource& source, Size size, const ImageLimits& limits = {}) {
  const auto decoded = decode_mask(source, size, limits);
  REQUIRE_FALSE(decoded);
  return decoded.error();
}

TEST_CASE("a value above 127 is a hole in files and in raw masks") {
  const Pixels levels = pixels(5, 1, 1, {0, 1, 127, 128, 255});
  const Pixels wanted = mask({"...##"});
  CHECK(holes(RawPixels{5, 1, bytes(levels.bytes)}, {5, 1}) == wanted);
  CHECK(holes(file(png(levels)), {5, 1}) == wanted);
}

TEST_CASE("the luma of a coloured mask decides") {
  const Pixels colours = pixels(4, 1, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0});
  CHECK(holes(file(png(colours)), {4, 1}) == mask({".#.#"}));
  CHECK(holes(file(webp(colours)), {4, 1}) == mask({".#.#"}));
}

TEST_CASE("the alpha of a mask is ignored if its colours show holes") {
  CHECK(holes(file(png(pixels(2, 1, 2, {255, 0, 0, 255}))), {2, 1}) == mask({"#."}));
  CHECK(holes(file(png(pixels(2, 1, 4, {255, 255, 255, 0, 0, 0, 0, 255}))), {2, 1}) == mask({"#."}));
}

TEST_CASE("a mask is turned upright like a picture") {
  CHECK(holes(file(png(pixels(2, 1, 1, {255, 0}), "", exif(6))), {1, 2}) == mask({"#", "."}));
  CHECK(holes(file(png(pixels(2, 1, 1, {255, 0}), "", exif(8))), {1, 2}) == mask({".", "#"}));
}

TEST_CASE("the bits of a mask are read from the most significant one, and rows are padded to bytes") {
  const std::vector<std::uint8_t> bits{0b10000001, 0b01111111, 0b00000000, 0b10000000};
  CHECK(holes(BitMask{9, 2, bytes(bits)}, {9, 2}) == mask({"#......#.", "........#"}));
}

TEST_CASE("rectangles are holes, even if they overlap or touch the edge of the picture") {
  CHECK(holes(RectMask{{{0, 0, 2, 1}, {1, 0, 2, 2}, {4, 2, 1, 1}}}, {5, 3}) == mask({"###..", ".##..", "....#"}));
  CHECK(holes(RectMask{{{0, 0, 5, 3}}}, {5, 3}) == Pixels(5, 3, 1, 255));
  CHECK(holes(RectMask{}, {5, 3}) == Pixels(5, 3, 1));
}

TEST_CASE("an empty rectangle, or one outside of the picture, is a bad_request") {
  constexpr int most = std::numeric_limits<int>::max(), least = std::numeric_limits<int>::min();
  for (const Rect& rect : {Rect{0, 0, 0, 1}, Rect{0, 0, 1, 0}, Rect{0, 0, -1, 1}, Rect{-1, 0, 1, 1}, Rect{0, -1, 1, 1},
                           Rect{0, 0, 6, 1}, Rect{0, 0, 1, 4}, Rect{5, 0, 1, 1}, Rect{0, 3, 1, 1}, Rect{1, 1, most, 1},
                           Rect{most, 0, most, 1}, Rect{least, least, most, most}}) {
    CAPTURE(rect.x);
    CAPTURE(rect.width);
    CHECK(refusal(RectMask{{rect}}, {5, 3}).code == ErrorCode::bad_request);
  }
  CHECK(refusal(RectMask{{{4, 1, 2, 1}}}, {5, 3}).message ==
        "mask rectangle [4, 1, 2, 1] is empty or not inside the picture of 5x3; send rectangles inside the picture");
}

TEST_CASE("a mask may have up to 65536 rectangles") {
  CHECK(decode_mask(RectMask{std::vector<Rect>(65'536, {0, 0, 1, 1})}, {1, 1}, {}));
  CHECK(refusal(RectMask{std::vector<Rect>(65'537, {0, 0, 1, 1})}, {1, 1}).code == ErrorCode::bad_request);
}

TEST_CASE("raw masks and bit masks need positive sides, and exactly their number of bytes") {
  const std::vector<std::uint8_t> data(6);
  CHECK(decode_mask(RawPixels{3, 2, bytes(data)}, {3, 2}, {}));
  CHECK(decode_mask(BitMask{24, 2, bytes(data)}, {24, 2}, {}));
  CHECK(refusal(RawPixels{3, 3, bytes(data)}, {3, 3}).code == ErrorCode::bad_request);
  CHECK(refusal(RawPixels{0, 3, bytes(data)}, {3, 3}).code == ErrorCode::bad_request);
  CHECK(refusal(RawPixels{-3, -2, bytes(data)}, {3, 3}).code == ErrorCode::bad_request);
  CHECK(refusal(BitMask{25, 2, bytes(data)}, {25, 2}).code == ErrorCode::bad_request);
  CHECK(refusal(BitMask{24, 0, bytes(data)}, {24, 2}).code == ErrorCode::bad_request);
  CHECK(refusal(BitMask{std::int64_t{1} << 62, 1, bytes(data)}, {24, 2}).code == ErrorCode::too_large);
}

TEST_CASE("a mask of another size is a size_mismatch that names both sizes") {
  const std::vector<std::uint8_t> data(6);
  for (const MaskSource& source : std::vector<MaskSource>{RawPixels{3, 2, bytes(data)}, BitMask{3, 6, bytes(data)}})
    CHECK(refusal(source, {2, 3}).code == ErrorCode::size_mismatch);
  const std::string encoded = png(pixels(2, 1, 1, {0, 0}));
  const Error error = refusal(file(encoded), {1, 2});
  CHECK(error.code == ErrorCode::size_mismatch);
  CHECK(error.message.find("2x1") != std::string::npos);
  CHECK(error.message.find("1x2") != std::string::npos);
}

TEST_CASE("the error about a broken mask file says that the mask is broken") {
  const Error error = refusal(file("GIF89a"), {1, 1});
  CHECK(error.code == ErrorCode::unsupported_image);
  CHECK(error.message.starts_with("mask: "));
  const std::string large = png(pixels(2, 2, 1, {0, 0, 0, 0}));
  CHECK(refusal(file(large), {2, 2}, {.pixels_max = 3, .side_max = 2}).code == ErrorCode::too_large);
}

}  // namespace
}  // namespace inpaintd
