// SPDX-License-Identifier: Apache-2.0
#include "image/mask_values.h"

#include <doctest/doctest.h>

#include "image/pipeline.h"
#include "tests/image/fixtures.h"

namespace inpaintd {
namespace {

using namespace fixtures;

DecodedMask decoded(const MaskSource& source, Size size, MaskValues values) {
  auto mask = decode_mask(source, size, {}, values);
  REQUIRE_MESSAGE(mask, mask.error().message);
  return std::move(*mask);
}

/// The codes of the notes on a mask, and its holes.
struct Read {
  std::string codes;
  Pixels holes;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(const std::string& bytes, Size size, MaskValues values = MaskValues::automatic) {
  DecodedMask mask = decoded(file(bytes), size, values);
  Read result{"", std::move(mask.holes)};
  for (const Note& note : mask.notes) result.codes += (result.codes.empty() ? "" : " ") + note.code;
  return result;
}

std::string only_note(const std::string& bytes, Size size, MaskValues values = MaskValues::automatic) {
  const DecodedMask mask = decoded(file(bytes), size, values);
  REQUIRE(mask.notes.size() == 1);
  return mask.notes.front().message;
}

constexpr Size three{3, 1};
const Pixels middle = mask({".#."}), none = mask({"..."}), all = mask({"###"});

/// Three pixels, of which the middle one has another colour.
std::string rgba(std::initializer_list<int> ground, std::initializer_list<int> brush) {
  Pixels samples(3, 1, static_cast<int>(ground.size()));
  int place = 0;
  for (int x = 0; x < 3; ++x)
    for (const int sample : x == 1 ? brush : ground)
      samples.bytes[static_cast<std::size_t>(place++)] = static_cast<std::uint8_t>(sample);
  return png(samples);
}

PngFile indexed(std::vector<std::uint8_t> palette, std::vector<std::uint8_t> indices) {
  return {.width = 3, .height = 1, .color_type = 3, .data = std::move(indices), .palette = std::move(palette)};
}

TEST_CASE("a note about a mask without a hole has the largest value of the mask and the threshold") {
  const std::string dim = png(pixels(3, 1, 1, {0, 100, 2}));
  CHECK(read(dim, three) == Read{"mask_empty", none});
  CHECK(only_note(dim, three) ==
        "the mask has no hole, so nothing is filled: its largest value is 100 of 255, and a hole needs more than 127; "
        "paint the holes white, or choose other mask_values (nonzero takes every value but 0)");
  CHECK(read(dim, three, MaskValues::luma) == Read{"mask_empty", none});
  CHECK(read(dim, three, MaskValues::nonzero) == Read{"", mask({".##"})});
  CHECK(read(png(none), three).codes == "mask_empty");
  CHECK(read(png(none), three, MaskValues::nonzero).codes == "mask_empty");
  CHECK(read(jpeg(Pixels(16, 16, 1, 90)), {16, 16}).codes == "mask_empty");
  CHECK(decoded(RectMask{}, three, MaskValues::automatic).notes.at(0).code == "mask_empty");
  const std::vector<std::uint8_t> zero(1), one{0x40};
  CHECK(decoded(BitMask{3, 1, bytes(zero)}, three, MaskValues::automatic).notes.at(0).code == "mask_empty");
  CHECK(decoded(BitMask{3, 1, bytes(one)}, three, MaskValues::automatic).notes.empty());
}

TEST_CASE("the threshold of a mask is half of the range of its depth") {
  const auto sixteen = [](std::vector<std::uint8_t> data) {
    return png({.width = 3, .height = 1, .depth = 16, .color_type = 0, .data = std::move(data)});
  };
  CHECK(read(sixteen({0, 0, 0x80, 0, 0, 0}), three) == Read{"", middle});
  const std::string low = sixteen({0, 0, 0x7f, 0xff, 0, 0}), eight_bits = sixteen({0, 0, 0, 255, 0, 0});
  CHECK(read(low, three) == Read{"mask_empty", none});
  CHECK(only_note(low, three).find("its largest value is 32767 of 65535, and a hole needs more than 32767") !=
        std::string::npos);
  CHECK(only_note(eight_bits, three).find("its largest value is 255 of 65535") != std::string::npos);
  CHECK(read(eight_bits, three, MaskValues::nonzero) == Read{"", middle});
  CHECK(read(sixteen({0, 0, 0, 1, 0, 0}), three) == Read{"mask_nonzero", middle});

  const std::string four_bits = png({.width = 3, .height = 1, .depth = 4, .color_type = 0, .data = {0x07, 0x20}});
  CHECK(only_note(four_bits, three).find("its largest value is 7 of 15, and a hole needs more than 7") !=
        std::string::npos);

  const auto two_bits = [](int byte) {
    return png({.width = 3, .height = 1, .depth = 2, .color_type = 0, .data = {static_cast<std::uint8_t>(byte)}});
  };
  CHECK(read(two_bits(0b00100000), three) == Read{"", middle});              // 2 of 3
  CHECK(read(two_bits(0b00010000), three) == Read{"mask_nonzero", middle});  // 1 of 3 is a label
  CHECK(read(png({.width = 3, .height = 1, .depth = 1, .color_type = 0, .data = {0b01000000}}), three) ==
        Read{"", middle});
}

TEST_CASE("in a mask of the values 0 and 1 only, every 1 is a hole") {
  CHECK(read(png(pixels(3, 1, 1, {0, 1, 0})), three) == Read{"mask_nonzero", middle});
  CHECK(read(png(pixels(3, 1, 2, {0, 255, 1, 255, 0, 255})), three) == Read{"mask_nonzero", middle});
  CHECK(read(webp(pixels(3, 1, 3, {0, 0, 0, 1, 1, 1, 0, 0, 0})), three) == Read{"mask_nonzero", middle});
  CHECK(read(png(pixels(3, 1, 1, {0, 1, 2})), three) == Read{"mask_empty", none});
  CHECK(read(png(pixels(3, 1, 1, {1, 1, 1})), three) == Read{"mask_empty", none});
  const std::vector<std::uint8_t> labels{0, 1, 0}, dim{0, 2, 0}, bright{0, 128, 1};
  const auto raw = [](const std::vector<std::uint8_t>& data, MaskValues values = MaskValues::automatic) {
    return decoded(RawPixels{3, 1, bytes(data)}, three, values);
  };
  CHECK(raw(labels).holes == middle);
  CHECK(raw(labels).notes.at(0).code == "mask_nonzero");
  CHECK(raw(labels, MaskValues::luma).notes.at(0).code == "mask_empty");
  CHECK(raw(dim).notes.at(0).code == "mask_empty");
  CHECK(raw(dim, MaskValues::nonzero).holes == middle);
  CHECK(raw(bright).holes == middle);
  CHECK(raw(bright).notes.empty());
  CHECK(raw(bright, MaskValues::nonzero).holes == mask({".##"}));
}

TEST_CASE("in a drawing on a transparent background, every opaque pixel is a hole") {
  CHECK(read(rgba({0, 0, 0, 0}, {0, 0, 0, 255}), three) == Read{"mask_alpha", middle});
  CHECK(read(rgba({0, 0, 0, 0}, {255, 0, 0, 255}), three) == Read{"mask_alpha", middle});
  CHECK(read(rgba({255, 255, 255, 0}, {255, 255, 255, 255}), three) == Read{"mask_alpha", middle});
  CHECK(read(rgba({0, 0}, {0, 200}), three) == Read{"mask_alpha", middle});
  CHECK(read(webp(pixels(3, 1, 4, {0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0})), three) == Read{"mask_alpha", middle});
  // The colours decide if they show holes.
  CHECK(read(rgba({0, 0, 0, 0}, {255, 255, 255, 255}), three) == Read{"", middle});
  CHECK(read(rgba({0, 0, 0, 255}, {255, 255, 255, 0}), three) == Read{"", middle});
  CHECK(read(rgba({0, 0, 0, 255}, {0, 0, 0, 255}), three) == Read{"mask_empty", none});
  CHECK(read(rgba({255, 255, 255, 255}, {255, 255, 255, 255}), three) == Read{"", all});
}

TEST_CASE("the indices of a palette decide if its colours do not show the holes") {
  using Bytes = std::vector<std::uint8_t>;
  CHECK(read(png(indexed({0, 0, 0, 1, 1, 1}, {0, 1, 0})), three) == Read{"mask_nonzero", middle});
  CHECK(read(png(indexed({9, 9, 90, 90, 9, 9}, {0, 1, 0})), three) == Read{"mask_nonzero", middle});
  CHECK(read(png(indexed({90, 9, 9, 0, 0, 0}, {1, 0, 1})), three) ==
        Read{"mask_nonzero", middle});  // black has index 1
  CHECK(read(png(indexed({0, 0, 0, 90, 9, 9}, {0, 0, 0})), three) == Read{"mask_empty", none});
  // A palette of coloured labels, of which one is bright: all labels are holes.
  const Bytes labels{0, 0, 0, 128, 0, 0, 192, 128, 128};
  CHECK(read(png(indexed(labels, {1, 2, 0})), three) == Read{"mask_nonzero", mask({"##."})});
  // Palettes of a drawing in black, white and greys, in any order.
  CHECK(read(png(indexed({255, 255, 255, 0, 0, 0}, {1, 0, 1})), three) == Read{"", middle});
  CHECK(read(png(indexed({0, 0, 0, 100, 100, 100, 200, 200, 200}, {1, 2, 0})), three) == Read{"", middle});
  CHECK(read(png(indexed(labels, {1, 2, 0})), three, MaskValues::luma) == Read{"", middle});
}

TEST_CASE("in a drawing in a dark colour on black, every pixel that is not black is a hole") {
  CHECK(read(rgba({0, 0, 0}, {255, 0, 0}), three) == Read{"mask_nonzero", middle});
  CHECK(read(rgba({0, 0, 0}, {0, 0, 128}), three) == Read{"mask_nonzero", middle});
  CHECK(read(rgba({0, 0, 0, 255}, {255, 0, 0, 255}), three) == Read{"mask_nonzero", middle});
  CHECK(read(rgba({0, 0, 0}, {0, 0, 127}), three) == Read{"mask_empty", none});
  CHECK(read(rgba({1, 0, 0}, {255, 0, 0}), three) == Read{"mask_empty", none});  // no pixel is black
  CHECK(only_note(rgba({1, 0, 0}, {255, 0, 0}), three).find("its largest value is 76 of 255") != std::string::npos);
}

TEST_CASE("mask_values replaces the automatic choice, and alpha needs a mask with alpha") {
  const std::string painted = rgba({0, 0, 0, 255}, {255, 255, 255, 0});
  CHECK(read(painted, three, MaskValues::luma).holes == middle);
  CHECK(read(painted, three, MaskValues::alpha).holes == mask({"#.#"}));
  CHECK(read(painted, three, MaskValues::nonzero).holes == middle);
  CHECK(read(rgba({0, 0, 0, 0}, {9, 9, 9, 127}), three, MaskValues::alpha).codes == "mask_empty");
  const std::string opaque = png(middle);
  const std::vector<std::uint8_t> raw(3);
  for (const MaskSource& source : std::vector<MaskSource>{file(opaque), RawPixels{3, 1, bytes(raw)}}) {
    const auto refused = decode_mask(source, three, {}, MaskValues::alpha);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_request);
    CHECK(refused.error().message ==
          "mask: the alpha channel is missing, and mask_values is alpha; choose auto, luma or nonzero");
  }
}

TEST_CASE("a mask that is decoded twice is turned upright") {
  const Pixels labels = pixels(2, 1, 1, {0, 1});
  CHECK(read(png(labels, "", exif(6)), {1, 2}) == Read{"mask_nonzero", mask({".", "#"})});
  const PngFile deep{.width = 2,
                     .height = 1,
                     .depth = 16,
                     .color_type = 6,
                     .data = {0, 0, 0, 0, 0, 0, 255, 255, 0, 1, 0, 1, 0, 1, 255, 255},
                     .exif = exif(6)};
  CHECK(read(png(deep), {1, 2}) == Read{"mask_nonzero", mask({".", "#"})});
}

TEST_CASE("the notes about a mask are part of the answer, even with a reused plan") {
  const Pixels rgb = noise(16, 16, 3, 1);
  const std::string empty = png(Pixels(16, 16, 1));
  Request request;
  request.image = RawPixels{16, 16, bytes(rgb.bytes)};
  request.mask = file(empty);
  const Fingerprinter fingerprinter;
  LruCache<HolePlan> cache(100'000);
  const HolePlans plans{fingerprinter, cache};
  for (int round = 0; round < 2; ++round) {
    const auto input = prepare(request, {}, {}, &plans);
    REQUIRE(input);
    const auto rendered = render(*input, {});
    REQUIRE(rendered);
    REQUIRE(rendered->notes.size() == 1);
    CHECK(rendered->notes[0].code == note_codes::mask_empty);
  }
}

}  // namespace
}  // namespace inpaintd
