// SPDX-License-Identifier: Apache-2.0
// What JPEG answers keep beside the picture, and files whose coefficients cannot be kept.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "image/pipeline.h"
#include "tests/image/fixtures.h"
#include "tests/image/jpeg_file.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace std::string_literals;

EncodedPicture answered(const std::string& source) {
  Request request;
  request.image = file(source);
  request.mask = RectMask{{{9, 9, 6, 5}}};
  const auto input = prepare(request, {}, {});
  REQUIRE_MESSAGE(input, input.error().message);
  std::vector<Pixels> predictions;
  for (const Tile& tile : input->tiles) predictions.push_back(*tile.image);
  auto answer = render(*input, predictions);
  REQUIRE_MESSAGE(answer, answer.error().message);
  return std::move(*answer);
}

std::vector<std::string> codes(const EncodedPicture& answer) {
  std::vector<std::string> result;
  for (const Note& note : answer.notes) result.push_back(note.code);
  return result;
}

const std::string plain = jpeg(noise(48, 40, 3, 3), {.quality = 80});
const std::string thumbnail = jpeg(noise(16, 12, 3, 4), {.quality = 40});
const std::string notes_of_maker = "notes of the maker, read by their place"s;

/// The resource `id` of Photoshop.
std::string resource(int id, const std::string& content) {
  std::string result = "8BIM"s + static_cast<char>(id >> 8) + static_cast<char>(id) + "\0\0\0\0\0"s;
  result += static_cast<char>(content.size());
  return result + content + (content.size() % 2 == 1 ? "\0"s : ""s);
}

}  // namespace

TEST_CASE("segments that stay true are copied in their order, with the bytes after the picture") {
  const std::vector<JpegSegment> segments{
      {0xE1, "Exif\0\0"s + exif(1)},
      {0xE1, "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"s},
      {0xE1, "http://ns.adobe.com/xmp/extension/\0"s + std::string(60'000, 'x')},
      {0xE2, "ICC_PROFILE\0\1\1"s + rgb_profile()},
      {0xFE, "a comment"},
      {0xEC, "Ducky\0\1"s},
      {0xED, "Photoshop 3.0\0"s + resource(0x0404, "IPTC")},
      {0xE2, "MPF"},  // not an index
      {0xE7, ""},
      {0xFE, "another\0one"s},
  };
  const std::string source = with_segments(plain, segments) + "film"s + std::string(500, '\xFF');
  const EncodedPicture answer = answered(source);
  CHECK(answer.exact == Exact::bits);
  const JpegFile before = read_jpeg_file(source), after = read_jpeg_file(answer.bytes);
  CHECK(before.segments.size() == segments.size() + 1);  // with JFIF
  CHECK(after.segments == before.segments);
  CHECK(after.trailer == "film"s + std::string(500, '\xFF'));
  CHECK(codes(answer) == std::vector<std::string>{"trailer_kept"});
}

TEST_CASE("the thumbnail in the EXIF data is gone, and everything else in it keeps its place") {
  for (const bool big_endian : {false, true}) {
    const std::string block = exif_with_thumbnail(1, thumbnail, notes_of_maker, big_endian);
    const EncodedPicture answer = answered(with_segments(plain, {{0xE1, block}}));
    CHECK(codes(answer) == std::vector<std::string>{"previews_dropped"});
    CHECK(answer.exact == Exact::bits);
    const auto segments = read_jpeg_file(answer.bytes).segments;
    REQUIRE(segments.size() == 2);
    const std::string& left = segments[0].second;
    CHECK(left.find(thumbnail.substr(0, 3)) == std::string::npos);
    REQUIRE(left.size() == block.size());
    CHECK(left.ends_with(notes_of_maker));
    CHECK(left.substr(0, 6 + 8 + 2 + 24) == block.substr(0, 6 + 8 + 2 + 24));
    CHECK(left.substr(6 + 8 + 2 + 24, 4) == "\0\0\0\0"s);  // no second directory
    const auto again = answered(with_segments(plain, {{0xE1, left}}));
    CHECK(codes(again).empty());
    CHECK(read_jpeg_file(again.bytes).segments == segments);
  }
  // A thumbnail at the end of the block is cut off.
  const std::string last = exif_with_thumbnail(1, thumbnail, "", false);
  const auto segments = read_jpeg_file(answered(with_segments(plain, {{0xE1, last}})).bytes).segments;
  CHECK(segments[0].second.size() == 6 + 8 + 2 + 24 + 4);
}

TEST_CASE("broken EXIF data is copied as far as it has no second directory, and never read outside of its bytes") {
  const std::string block = exif_with_thumbnail(1, thumbnail, notes_of_maker, false);
  for (std::size_t size = 6; size < block.size(); size += size < 100 ? 1 : 37)
    CHECK(answered(with_segments(plain, {{0xE1, block.substr(0, size)}})).exact == Exact::bits);
  for (std::size_t at = 6; at < 100; ++at)
    for (const char value : {'\xFF', '\x7F', '\0'}) {
      std::string wrong = block;
      wrong[at] = value;
      CHECK(answered(with_segments(plain, {{0xE1, wrong}})).exact == Exact::bits);
    }
}

TEST_CASE("thumbnails of JFIF and Photoshop are left out") {
  std::string jfif = "JFIF\0\1\2\1\0\x48\0\x48\2\1"s + std::string(2 * 1 * 3, 'p');
  std::string file = plain;
  file.replace(2, 18, "");  // the segment that libjpeg wrote
  const std::string irb = "Photoshop 3.0\0"s + resource(0x0404, "IPTC") + resource(0x040C, "thumbnail") +
                          resource(0x0409, "older one") + resource(0x03ED, "72 dpi");
  const EncodedPicture answer =
      answered(with_segments(file, {{0xE0, jfif}, {0xE0, "JFXX\0\x10"s + thumbnail}, {0xED, irb}}));
  CHECK(codes(answer) == std::vector<std::string>{"previews_dropped"});
  CHECK(read_jpeg_file(answer.bytes).segments ==
        std::vector<JpegSegment>{{0xE0, "JFIF\0\1\2\1\0\x48\0\x48\0\0"s},
                                 {0xED, "Photoshop 3.0\0"s + resource(0x0404, "IPTC") + resource(0x03ED, "72 dpi")}});
  // What does not end where it says is copied.
  const std::string cut = "Photoshop 3.0\0"s + resource(0x0404, "IPTC") + resource(0x03ED, "72 dpi").substr(0, 15);
  const EncodedPicture kept = answered(with_segments(plain, {{0xED, cut}}));
  CHECK(codes(kept).empty());
  CHECK(read_jpeg_file(kept.bytes).segments[0].second == cut);
}

TEST_CASE("further pictures of a multi-picture file are left out with their index") {
  const EncodedPicture answer = answered(with_segments(plain, {{0xE2, "MPF\0II*\0"s}, {0xFE, "x"}}) + thumbnail);
  CHECK(codes(answer) == std::vector<std::string>{"previews_dropped"});
  const JpegFile after = read_jpeg_file(answer.bytes);
  CHECK(after.trailer.empty());
  REQUIRE(after.segments.size() == 2);
  CHECK(after.segments[0] == JpegSegment{0xFE, "x"});
  CHECK(read_jpeg_file(answered(plain + thumbnail).bytes).trailer.empty());  // without an index
}

TEST_CASE("a file whose coefficients cannot be kept is encoded anew, and a note says why") {
  const Pixels rgb = noise(48, 40, 3, 5);
  std::string zero = jpeg(rgb, {.quality = 80}), large = zero;
  const std::size_t table = zero.find("\xFF\xDB") + 5;  // the first quantiser
  zero[table + 40] = 0;
  // A quantiser of 16 bits, of which eight times is 0 in 16 bits: libjpeg would divide by it.
  std::string wide = "\xFF\xDB\0\x83\x10"s;
  for (int i = 0; i < 64; ++i) wide += i == 20 ? "\x20\0"s : "\0\x08"s;
  large.replace(large.find("\xFF\xDB"), 69, wide);
  const std::pair<std::string, std::string> cases[] = {
      {jpeg(rgb, {.quality = 80, .arithmetic = true}), "it is arithmetic-coded"},
      // An interleaved unit may have ten blocks, and this one would have fourteen.
      {jpeg(rgb, {.separate_scans = true, .luma_horizontal = 4, .luma_vertical = 3}),
       "libjpeg cannot write such a file"},
      {zero, "its quantisation tables are unusual"},
      {large, "its quantisation tables are unusual"},
  };
  for (const auto& [source, reason] : cases) {
    CAPTURE(reason);
    const EncodedPicture answer = answered(source);
    CHECK(answer.exact == Exact::recoded);
    REQUIRE(answer.notes.size() == 1);
    CHECK(answer.notes[0].code == "recoded");
    CHECK(answer.notes[0].message.find(reason) != std::string::npos);
  }
}

TEST_CASE("a file without its end marker gets one, and keeps its coefficients") {
  const std::string cut = plain.substr(0, plain.size() - 2);
  const EncodedPicture answer = answered(cut);
  CHECK(answer.exact == Exact::bits);
  CHECK(answer.bytes.ends_with("\xFF\xD9"));
  CHECK(read_jpeg_file(answer.bytes).trailer.empty());
}

}  // namespace inpaintd
