// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "image/formats/png_image.h"
#include "image/patch.h"
#include "tests/image/retouch_support.h"

namespace inpaintd {
namespace {

using namespace fixtures;
using namespace test;

constexpr int width = 40, height = 30;
const std::vector<Rect> holes{{8, 6, 9, 7}, {30, 20, 4, 5}};

bool in_hole(int x, int y) {
  return std::ranges::any_of(
      holes, [&](const Rect& hole) { return x >= hole.x && x < hole.right() && y >= hole.y && y < hole.bottom(); });
}

int channels_of(int color_type) { return color_type == 2 ? 3 : color_type == 4 ? 2 : color_type == 6 ? 4 : 1; }

/// A PNG of noise.
PngFile noisy(int color_type, int depth) {
  PngFile spec{.width = width, .height = height, .depth = depth, .color_type = color_type};
  const int row = (width * channels_of(color_type) * depth + 7) / 8;
  spec.data = noise(row, height, 1, static_cast<unsigned>(depth + 100 * color_type)).bytes;
  const std::size_t entries = color_type == 3 ? std::size_t{1} << depth : 0;
  if (entries > 0) spec.palette = noise(static_cast<int>(3 * entries), 1, 1, 5).bytes;
  return spec;
}

/// The samples of the pixel, as stored.
std::string samples_at(const PngImage& image, int x, int y) {
  const auto* begin = image.samples.row(y) + static_cast<std::ptrdiff_t>(x) * image.samples.channels;
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(image.samples.channels)};
}

PngImage stored(const std::string& png) { return read_png_image(file(png).data); }

void check_known_samples(const std::string& source, const std::string& answer) {
  const PngImage before = stored(source), after = stored(answer);
  REQUIRE(before.samples.size() == after.samples.size());
  REQUIRE(before.samples.channels == after.samples.channels);
  int changed = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) changed += !in_hole(x, y) && samples_at(before, x, y) != samples_at(after, x, y);
  CHECK(changed == 0);
}

struct Kind {
  int color_type, depth;
};
const std::vector<Kind> kinds{{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                              {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};

TEST_CASE("a PNG keeps its colour type, its depth, and all bits of every sample outside of the holes") {
  for (const Kind& kind : kinds)
    for (const bool interlaced : {false, true}) {
      CAPTURE(kind.color_type);
      CAPTURE(kind.depth);
      PngFile spec = noisy(kind.color_type, kind.depth);
      spec.interlaced = interlaced;
      const std::string source = png(spec);
      const Input input = prepared(request_for(source, holes));
      const Picture before = decoded(source);
      const auto* pixel = before.rgb.row(0);  // a colour that every palette of this test has
      const EncodedPicture answer = answer_of_colour(input, {pixel[0], pixel[1], pixel[2]});
      CHECK(answer.exact == Exact::pixels);
      CHECK(answer.notes.empty());
      const auto before_head = chunks_of(source)[0].second, head = chunks_of(answer.bytes)[0].second;
      CHECK(head.substr(0, 10) == before_head.substr(0, 10));  // size, depth, colour type
      check_known_samples(source, answer.bytes);
      const Picture after = decoded(answer.bytes);
      CHECK(std::equal(pixel, pixel + 3, after.rgb.row(8) + std::ptrdiff_t{3} * 10));
    }
}

TEST_CASE("a PNG keeps its chunks byte by byte and in their order, but not those about single pixels") {
  PngFile spec = noisy(2, 8);
  spec.exif = exif(1);
  spec.chunks = {{"gAMA", std::string("\0\0\xB1\x8F", 4)},
                 {"pHYs", std::string("\0\0\x0B\x13\0\0\x0B\x13\x01", 9)},
                 {"tEXt", std::string("Title\0a", 7)},
                 {"zTXt", std::string("Comment\0\0broken", 15)},
                 {"iTXt", std::string("XML:com.adobe.xmp\0\0\0\0\0<x/>", 26)},
                 {"tIME", "\x07\xEA\x0B\x1B\x07\x07\x07"},
                 {"bKGD", std::string("\0\x01\0\x02\0\x03", 6)},
                 {"nxTs", "may be copied"},
                 {"nxTU", "depends on the pixels"},
                 {"caBX", "a signature of the pixels"}};
  spec.last_chunks = {{"tEXt", std::string("Author\0b", 8)}, {"nxTs", ""}};
  const std::string source = png(spec);
  const auto answer = answer_of_noise(prepared(request_for(source, holes)));
  const auto kept = [](const std::string& file) {
    std::vector<PngFile::Chunk> chunks = chunks_of(file);
    std::erase_if(chunks, [](const auto& chunk) {
      return chunk.first == "IDAT" || chunk.first == "nxTU" || chunk.first == "caBX";
    });
    return chunks;
  };
  CHECK(kept(answer.bytes) == kept(source));
  CHECK(kept(source).size() == 14);  // libpng writes the EXIF chunk twice
  CHECK(answer.bytes.find("nxTU") == std::string::npos);
  CHECK(answer.bytes.find("caBX") == std::string::npos);
}

TEST_CASE("compressed text that would fill the memory is copied and never decompressed") {
  PngFile spec = noisy(0, 8);
  spec.chunks = {{"zTXt", std::string("Comment\0\0", 9) + std::string(100'000, '\x78')}};
  const std::string source = png(spec);
  const auto answer = answer_of_noise(prepared(request_for(source, holes)));
  CHECK(chunks_of(answer.bytes)[1] == chunks_of(source)[1]);
}

/// 20 colours, all used.
PngFile drawing() {
  PngFile spec{.width = width, .height = height, .depth = 8, .color_type = 3};
  spec.data.resize(static_cast<std::size_t>(width) * height);
  for (std::size_t i = 0; i < spec.data.size(); ++i)
    spec.data[i] = static_cast<std::uint8_t>((i % width + i / width) % 20);
  for (int i = 0; i < 60; ++i) spec.palette.push_back(static_cast<std::uint8_t>(4 * i));
  spec.transparent = {255, 0, 128};
  return spec;
}

/// The file with a wrong checksum of every chunk of this name.
std::string with_wrong_checksum(std::string file, std::string_view name) {
  for (std::size_t at = file.find(name); at != std::string::npos; at = file.find(name, at + 1))
    file[at + 4 + static_cast<std::uint8_t>(file[at - 1])] ^= 1;
  return file;
}

TEST_CASE("a chunk with a wrong checksum, which decoders do not read, is left out") {  // found by fuzzing
  PngFile spec = drawing();
  spec.exif = exif(6);
  const std::string source = with_wrong_checksum(with_wrong_checksum(png(spec), "tRNS"), "eXIf");
  const auto answer = answer_of_colour(prepared(request_for(source, {{3, 3, 4, 4}})), {250, 1, 2});
  CHECK(answer.bytes.find("tRNS") == std::string::npos);
  CHECK(decoded(answer.bytes).alpha == decoded(source).alpha);
  CHECK(stored(answer.bytes).orientation == stored(source).orientation);
}

TEST_CASE("an animated PNG gives its first frame without the others, which show the removed object") {
  PngFile spec = noisy(2, 8);
  spec.chunks = {{"acTL", std::string("\0\0\0\x02\0\0\0\0", 8)}, {"fcTL", std::string(26, '\0')}};
  spec.last_chunks = {{"fcTL", std::string("\0\0\0\x01", 4) + std::string(22, '\0')},
                      {"fdAT", std::string("\0\0\0\x02", 4) + "the second frame"}};
  const auto answer = answer_of_noise(prepared(request_for(png(spec), holes)));
  for (const auto& [name, data] : chunks_of(answer.bytes)) CHECK((name == "IHDR" || name == "IDAT" || name == "IEND"));
  REQUIRE(answer.notes.size() == 1);
  CHECK(answer.notes[0].code == note_codes::first_frame);
  check_known_samples(png(spec), answer.bytes);
}

TEST_CASE("a PNG with an orientation keeps it, and its pixels in the order of the file") {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const std::string source = png(noise(width, height, 3, 9), "", exif(orientation));
    const auto answer = answer_of_colour(prepared(request_for(source, {{3, 4, 5, 6}})), {1, 2, 3});
    const Picture before = decoded(source), after = decoded(answer.bytes);
    CHECK(stored(answer.bytes).orientation == orientation);
    CHECK(stored(answer.bytes).samples.size() == Size{width, height});
    REQUIRE(after.rgb.size() == before.rgb.size());
    const Filled counts = compare(before, after, {3, 4, 5, 6}, {1, 2, 3});
    CHECK(counts.changed == 0);
    CHECK(counts.filled == 30);
  }
}

TEST_CASE("an empty mask gives the file back") {
  for (const std::string& source :
       {png(noisy(3, 4)), webp(noise(width, height, 4, 2)), lossy_webp(noise(9, 9, 3, 2))}) {
    const auto answer = render(prepared(request_for(source, {})), {});
    REQUIRE(answer);
    CHECK(answer->bytes == source);
    CHECK(answer->exact == Exact::bits);
  }
}

TEST_CASE("a palette takes new colours of a fill in its free places, and keeps its own with their alpha") {
  const std::string source = png(drawing());
  const auto answer = answer_of_colour(prepared(request_for(source, holes, {.alpha = AlphaFill::keep})), {250, 1, 2});
  CHECK(answer.notes.empty());
  const PngImage before = stored(source), after = stored(answer.bytes);
  REQUIRE(after.palette.size() == 22);  // the new colour with each alpha of the drawing but 0
  CHECK(std::equal(before.palette.begin(), before.palette.end(), after.palette.begin()));
  check_known_samples(source, answer.bytes);
  const Picture filled = decoded(answer.bytes);
  CHECK(filled.rgb.row(8)[3 * 10] == 250);
  CHECK(filled.alpha == decoded(source).alpha);
}

TEST_CASE("a palette of few bits gets more of them for the new colours of a fill") {
  PngFile spec = noisy(3, 2);
  const std::string source = png(spec);
  const auto answer = answer_of_colour(prepared(request_for(source, holes)), {250, 1, 2});
  CHECK(stored(answer.bytes).depth == 4);
  CHECK(stored(answer.bytes).palette.size() == 5);
  check_known_samples(source, answer.bytes);
}

TEST_CASE("a palette without places for a fill becomes RGB, or RGBA where it has alpha, and a note says so") {
  for (const bool transparent : {false, true}) {
    PngFile spec = drawing();
    if (!transparent) spec.transparent.clear();
    spec.chunks = {{"gAMA", std::string("\0\0\xB1\x8F", 4)}};
    const std::string source = png(spec);
    const auto answer = answer_of_noise(prepared(request_for(source, {{0, 0, 30, 20}})));
    CHECK(has_note(answer, "palette_expanded"));
    CHECK(answer.exact == Exact::pixels);
    CHECK(stored(answer.bytes).channels() == (transparent ? 4 : 3));
    CHECK(chunks_of(answer.bytes)[1].first == "gAMA");
    const Picture before = decoded(source), after = decoded(answer.bytes);
    CHECK(after.alpha == before.alpha);
    CHECK(std::equal(before.rgb.row(25), before.rgb.row(25) + before.rgb.stride(), after.rgb.row(25)));
  }
}

TEST_CASE("indices beyond a palette stay black when a fill adds colours") {
  PngFile spec = drawing();
  spec.palette.resize(30);  // 10 of 20 colours
  spec.transparent.clear();
  const std::string source = png(spec);
  const auto answer = answer_of_colour(prepared(request_for(source, holes)), {250, 1, 2});
  const Picture before = decoded(source), after = decoded(answer.bytes);
  CHECK(std::equal(before.rgb.row(29), before.rgb.row(29) + before.rgb.stride(), after.rgb.row(29)));
}

TEST_CASE("a fill never takes the colour that stands for transparency") {
  for (const int depth : {8, 16}) {
    CAPTURE(depth);
    PngFile spec = noisy(2, depth);
    const std::uint16_t unit = depth == 8 ? 1 : 257;
    spec.transparent_rgb = {static_cast<std::uint16_t>(9 * unit), static_cast<std::uint16_t>(8 * unit),
                            static_cast<std::uint16_t>(7 * unit)};
    const std::string source = png(spec);
    const auto answer = answer_of_colour(prepared(request_for(source, holes)), {9, 8, 7});
    CHECK(chunks_of(answer.bytes)[1] == chunks_of(source)[1]);  // tRNS
    const Picture filled = decoded(answer.bytes);
    CHECK(filled.alpha == decoded(source).alpha);
    CHECK(filled.rgb.row(8)[3 * 10] == 9);
  }
}

/// 16-bit RGB whose red rises by 40 for each column; one level of 8 bits is 257.
PngFile slow_gradient(int color_type = 2) {
  PngFile spec{.width = 300, .height = 120, .depth = 16, .color_type = color_type};
  for (int y = 0; y < spec.height; ++y)
    for (int x = 0; x < spec.width; ++x)
      for (int c = 0; c < channels_of(color_type); ++c) {
        const int value = 20'000 + 40 * x + 1000 * c;
        spec.data.push_back(static_cast<std::uint8_t>(value >> 8));
        spec.data.push_back(static_cast<std::uint8_t>(value & 0xFF));
      }
  return spec;
}

int sample_at(const PngImage& image, int x, int y, int channel) {
  std::uint16_t value = 0;
  std::memcpy(&value, image.samples.row(y) + static_cast<std::ptrdiff_t>(x) * image.samples.channels + 2 * channel, 2);
  return value;
}

TEST_CASE("a fill of 8 bits continues a gradient of 16 bits without steps") {
  for (const int color_type : {0, 2})
    for (const int feather : {0, 6}) {
      CAPTURE(color_type);
      CAPTURE(feather);
      const std::string source = png(slow_gradient(color_type));
      const Input input = prepared(request_for(source, {{100, 30, 90, 60}}, {.feather = feather}));
      const PngImage after = stored(answer_of_truth(input).bytes);
      int largest_step = 0, largest_error = 0;
      for (int x = 98; x < 192; ++x) {
        const int step = sample_at(after, x + 1, 60, 0) - sample_at(after, x, 60, 0);
        largest_step = std::max(largest_step, std::abs(step - 40));
        largest_error = std::max(largest_error, std::abs(sample_at(after, x, 60, 0) - (20'000 + 40 * x)));
      }
      MESSAGE("step ", largest_step, ", error ", largest_error);
      CHECK(largest_step <= 60);    // without smoothing 217: a level is 257
      CHECK(largest_error <= 128);  // half a level
    }
}

TEST_CASE("the patch of a PNG of 16 bits has 16 bits, and pasted into the file it gives the whole answer") {
  for (const Kind& kind : kinds)
    for (const int orientation : {1, 6, 7})
      for (const AlphaFill alpha : {AlphaFill::keep, AlphaFill::fill}) {
        CAPTURE(kind.color_type);
        CAPTURE(kind.depth);
        PngFile spec = noisy(kind.color_type, kind.depth);
        spec.exif = exif(orientation);
        const std::string source = png(spec);
        Request request = request_for(source, {{8, 6, 9, 7}, {20, 20, 4, 5}}, {.feather = 2, .alpha = alpha});
        const EncodedPicture whole = answer_of_noise(prepared(request));
        request.options.region = Region::patch;
        request.options.format = Format::png;
        const EncodedPicture patch = answer_of_noise(prepared(request));
        CHECK(chunks_of(patch.bytes)[0].second[8] == (kind.depth == 16 ? 16 : 8));
        request.options.region = Region::full;
        const auto pasted = paste_patch(std::get<EncodedFile>(request.image).data, file(patch.bytes).data, patch.region,
                                        request.mask, request.options);
        REQUIRE(pasted);
        CHECK(pasted->bytes == whole.bytes);
        CHECK(pasted->exact == whole.exact);
      }
}

TEST_CASE("an answer of 8 bits to a PNG of 16 bits is recoded, and a note says why") {
  const std::string source = png(noisy(2, 16));
  const auto answer = answer_of_noise(prepared(request_for(source, holes, {.format = Format::webp})));
  CHECK(answer.exact == Exact::recoded);
  CHECK(has_note(answer, "recoded"));
}

TEST_CASE("the thumbnail in the EXIF chunk of a PNG is left out") {
  // TIFF head; directory 0 without an entry, then directory 1 with a JPEG of 4 bytes at offset 44.
  const std::string with_thumbnail(
      "II\x2A\0\x08\0\0\0\0\0\x0E\0\0\0"
      "\x02\0\x01\x02\x04\0\x01\0\0\0\x2C\0\0\0\x02\x02\x04\0\x01\0\0\0\x04\0\0\0\0\0\0\0"
      "\xFF\xD8\xFF\xD9",
      48);
  const std::string source = png(noise(width, height, 3, 1), "", with_thumbnail);
  const auto answer = answer_of_noise(prepared(request_for(source, holes)));
  CHECK(has_note(answer, "previews_dropped"));
  CHECK(chunks_of(answer.bytes)[1].second.find("\xFF\xD8\xFF") == std::string::npos);
  CHECK(chunks_of(source)[1].second.find("\xFF\xD8\xFF") != std::string::npos);
}

}  // namespace
}  // namespace inpaintd
