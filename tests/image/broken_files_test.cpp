// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <iterator>
#include <random>

#include "image/codec.h"
#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

ErrorCode refusal(const ImageSource& source, const ImageLimits& limits = {}) {
  const auto picture = decode_image(source, limits);
  REQUIRE_FALSE(picture);
  CHECK_FALSE(picture.error().message.empty());
  return picture.error().code;
}
ErrorCode refusal(const std::string& bytes, const ImageLimits& limits = {}) { return refusal(file(bytes), limits); }

/// One small file for each way through the decoders.
std::vector<std::string> samples() {
  const Pixels rgb = noise(24, 17, 3, 6), rgba = noise(24, 17, 4, 7);
  return {png(rgb, rgb_profile(), exif(6)),
          png({.width = 24, .height = 17, .data = rgb.bytes, .interlaced = true}),
          jpeg(rgb, {.quality = 80, .icc = rgb_profile(), .exif = std::string("Exif\0\0", 6) + exif(8)}),
          jpeg(rgb, {.quality = 80, .progressive = true}),
          jpeg(rgb, {.quality = 80, .separate_scans = true}),
          jpeg(rgb, {.quality = 80, .restarts = true}),
          jpeg(rgb, {.quality = 80, .arithmetic = true}),
          jpeg(rgb, {.quality = 80, .progressive = true, .arithmetic = true}),
          jpeg(rgba, {.quality = 80}),
          webp(rgb),
          webp(rgba, rgb_profile(), exif(3)),
          lossy_webp(rgb),
          animated_webp(rgba, noise(24, 17, 4, 8))};
}

std::string be32(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// The start of a PNG whose header has this size; `crc` is its checksum.
std::string png_claim(std::uint32_t width, std::uint32_t height, std::uint32_t crc) {
  return "\x89PNG\r\n\x1A\n" + be32(13) + "IHDR" + be32(width) + be32(height) + std::string("\x08\x02\0\0\0", 5) +
         be32(crc) + std::string(4, '\0') + "IDAT" + be32(0x35AF061E);
}

TEST_CASE("a truncated file is refused at every length, unless it has every pixel") {
  for (const std::string& whole : samples()) {
    const auto complete = decode_image(file(whole), {});
    REQUIRE(complete);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto picture = decode_image(file(std::string_view(whole).substr(0, length)), {});
      CAPTURE(whole.substr(0, 4));
      CAPTURE(whole.size());
      CAPTURE(length);
      if (picture) {
        REQUIRE(picture->rgb == complete->rgb);
        REQUIRE(picture->alpha == complete->alpha);
        // The last 50 bytes hold no needed pixel: EXIF data (which a PNG has twice) and end marker, or the later frames
        // of an animation.
        const bool animated = whole.find("ANMF") != std::string::npos;
        REQUIRE((animated || whole.size() - length <= 50));
      } else {
        REQUIRE(picture.error().code == ErrorCode::unsupported_image);
      }
    }
  }
}

/// Checks that both files decode to the same picture.
void check_same_picture(const std::string& whole, const std::string& part) {
  const auto expected = decode_image(file(whole), {}), picture = decode_image(file(part), {});
  REQUIRE(expected);
  REQUIRE_MESSAGE(picture, picture.error().message);
  CHECK(picture->rgb == expected->rgb);
  CHECK(picture->alpha == expected->alpha);
}

TEST_CASE("a JPEG or PNG without its end marker is read if it has every pixel") {
  const Pixels rgb = noise(40, 24, 3, 14);
  for (const JpegSpec& spec :
       {JpegSpec{.quality = 90}, JpegSpec{.quality = 90, .progressive = true},
        JpegSpec{.quality = 90, .separate_scans = true}, JpegSpec{.quality = 90, .restarts = true}}) {
    const std::string whole = jpeg(rgb, spec);
    REQUIRE(whole.ends_with("\xFF\xD9"));
    check_same_picture(whole, whole.substr(0, whole.size() - 2));
    check_same_picture(whole, whole.substr(0, whole.size() - 1));
  }
  for (const bool interlaced : {false, true}) {
    const std::string whole = png({.width = 40, .height = 24, .data = rgb.bytes, .interlaced = interlaced});
    for (std::size_t missing = 1; missing <= 12; ++missing)
      check_same_picture(whole, whole.substr(0, whole.size() - missing));
    std::string wrong_checksum = whole;
    wrong_checksum.back() = 'x';
    check_same_picture(whole, wrong_checksum);
    std::string wrong_pixels = whole;  // changes the checksum of the pixels, which is just before the end marker
    wrong_pixels[whole.size() - 13] = static_cast<char>(~wrong_pixels[whole.size() - 13]);
    CHECK(refusal(wrong_pixels) == ErrorCode::unsupported_image);
  }
}

TEST_CASE("a WebP file that is truncated after its pixels is read, unless its orientation is missing") {
  const Pixels rgb = noise(40, 24, 3, 15);
  const std::string still = webp(rgb), turned = webp(rgb, "", exif(6)), profiled = webp(rgb, rgb_profile());
  // An encoder that forgets a padding byte writes too large a size in the header.
  std::string oversized = still;
  oversized[4] = static_cast<char>(oversized[4] + 2);
  check_same_picture(still, oversized);
  oversized = profiled;
  oversized[4] = static_cast<char>(oversized[4] + 2);
  check_same_picture(profiled, oversized);
  CHECK(refusal(turned.substr(0, turned.size() - 4)) == ErrorCode::unsupported_image);
}

TEST_CASE("a JPEG of Samsung's phones, with Se = 0 in the header of its scan, is read") {
  const std::string whole = jpeg(noise(40, 24, 3, 16), {.quality = 90});
  std::string odd = whole;
  const std::size_t scan = whole.find("\xFF\xDA");
  const std::size_t last_coefficient = scan + 2 + static_cast<std::size_t>(whole[scan + 3]) - 2;
  REQUIRE(odd[last_coefficient] == 63);
  odd[last_coefficient] = 0;
  check_same_picture(whole, odd);
}

TEST_CASE("a JPEG that ends between two of its scans is refused") {
  for (const JpegSpec& spec : {JpegSpec{.progressive = true}, JpegSpec{.separate_scans = true}}) {
    const std::string whole = jpeg(noise(40, 24, 3, 17), spec);
    std::size_t scans = 0;
    for (std::size_t scan = whole.find("\xFF\xDA"); scan != std::string::npos;
         scan = whole.find("\xFF\xDA", scan + 2)) {
      ++scans;
      CHECK(refusal(whole.substr(0, scan)) == ErrorCode::unsupported_image);
      // The end marker does not replace the missing scan of a channel.
      if (spec.separate_scans) CHECK(refusal(whole.substr(0, scan) + "\xFF\xD9") == ErrorCode::unsupported_image);
    }
    REQUIRE(scans >= 3);
  }
}

TEST_CASE("a file with changed bytes gives a picture or a refusal, and never a crash") {
  const char* given = std::getenv("INPAINTD_TEST_SEED");
  const unsigned seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
  MESSAGE("INPAINTD_TEST_SEED=", seed);
  std::mt19937 random(seed);
  for (const std::string& whole : samples()) {
    for (int round = 0; round < 500; ++round) {
      std::string bytes = whole;
      for (unsigned change = random() % 4 + 1; change > 0; --change)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      const auto picture = decode_image(file(bytes), {.pixels_max = 1'000'000, .side_max = 4096});
      if (picture) continue;
      const ErrorCode code = picture.error().code;
      CAPTURE(picture.error().message);
      CHECK((code == ErrorCode::unsupported_image || code == ErrorCode::too_large));
    }
  }
}

TEST_CASE("the size in a header is compared with the limits before anything is decoded") {
  CHECK(refusal(png_claim(60'000, 60'000, 0x0FB0E215)) == ErrorCode::too_large);
  CHECK(refusal(png_claim(0, 0, 0xB4E9EB45)) == ErrorCode::unsupported_image);

  std::string claim = jpeg(noise(8, 8, 3, 9));
  const std::size_t frame_header = claim.find("\xFF\xC0");
  claim.replace(frame_header + 5, 4, "\xFF\xDC\xFF\xDC");  // 65500x65500
  CHECK(refusal(claim) == ErrorCode::too_large);
  claim.replace(frame_header + 5, 4, std::string(4, '\0'));
  CHECK(refusal(claim) == ErrorCode::unsupported_image);

  const std::string lossless_webp("RIFF\x16\0\0\0WEBPVP8L\x0A\0\0\0\x2F\xFF\xFF\xFF\x0F\0\0\0\0\0", 30);
  CHECK(refusal(lossless_webp) == ErrorCode::too_large);  // 16384x16384
}

TEST_CASE("a side and a number of pixels at the limit are accepted, and one more is refused") {
  const std::string bytes = png(noise(20, 10, 3, 10));
  CHECK(decode_image(file(bytes), {.pixels_max = 200, .side_max = 20}));
  CHECK(refusal(bytes, {.pixels_max = 199, .side_max = 20}) == ErrorCode::too_large);
  CHECK(refusal(bytes, {.pixels_max = 200, .side_max = 19}) == ErrorCode::too_large);
}

TEST_CASE("other formats are refused with the names of the supported formats") {
  for (const std::string& other : {std::string("GIF89a\1\0\1\0\0\0\0", 13), std::string("II*\0\x08\0\0\0", 8),
                                   std::string("MM\0*\0\0\0\x08", 8), std::string("BM\x3A\0\0\0\0\0\0\0\x36\0\0\0", 14),
                                   std::string("RIFF\4\0\0\0WAVE", 12), std::string("\0", 1), std::string("<svg/>")}) {
    const auto picture = decode_image(file(other), {});
    REQUIRE_FALSE(picture);
    CHECK(picture.error().code == ErrorCode::unsupported_image);
    CHECK(picture.error().message.find("JPEG, PNG or WebP") != std::string::npos);
  }
  CHECK(refusal(std::string()) == ErrorCode::unsupported_image);
}

TEST_CASE("a JPEG whose picture data is incomplete is refused even if the file ends properly") {
  const std::string whole = jpeg(noise(64, 64, 3, 12));
  CHECK(refusal(whole.substr(0, whole.size() / 2) + "\xFF\xD9") == ErrorCode::unsupported_image);
}

TEST_CASE("a JPEG with extraneous bytes between its segments, as some cameras write it, is read") {
  const Pixels rgb = noise(64, 64, 3, 13);
  const std::string whole = jpeg(rgb);
  const auto picture = decode_image(file(whole), {});
  REQUIRE(picture);
  for (const std::size_t place : {whole.find("\xFF\xDB"), whole.size() - 2}) {
    const auto padded = decode_image(file(std::string(whole).insert(place, 5, '\0')), {});
    REQUIRE(padded);
    CHECK(padded->rgb == picture->rgb);
  }
}

TEST_CASE("a progressive JPEG with a hostile number of scans is refused") {
  // The last refinement scan, repeated: each repetition would require a pass over the whole picture.
  const std::string whole = jpeg(noise(24, 17, 3, 11), {.progressive = true});
  const std::size_t last_scan = whole.rfind("\xFF\xDA");
  std::string hostile = whole.substr(0, last_scan);
  for (int i = 0; i < 300; ++i) hostile += whole.substr(last_scan, whole.size() - 2 - last_scan);
  CHECK(refusal(hostile + "\xFF\xD9") == ErrorCode::unsupported_image);
}

TEST_CASE("a raw picture needs positive sides within the limits, and exactly three bytes for each pixel") {
  const std::vector<std::uint8_t> data(12);
  CHECK(decode_image(RawPixels{2, 2, bytes(data)}, {}));
  CHECK(refusal(RawPixels{2, 3, bytes(data)}) == ErrorCode::bad_request);
  CHECK(refusal(RawPixels{1, 3, bytes(data)}) == ErrorCode::bad_request);
  CHECK(refusal(RawPixels{0, 2, bytes(data)}) == ErrorCode::bad_request);
  CHECK(refusal(RawPixels{2, -2, bytes(data)}) == ErrorCode::bad_request);
  CHECK(refusal(RawPixels{std::int64_t{1} << 62, std::int64_t{1} << 62, bytes(data)}) == ErrorCode::too_large);
}

}  // namespace
}  // namespace inpaintd
