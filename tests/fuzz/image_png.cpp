// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/image.h"
#include "tests/image/fixtures.h"

/// PNG files as pictures and masks, from request to answer.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  using namespace fixtures;
  const Pixels rgb = noise(24, 17, 3, 6);
  const std::vector<std::uint8_t> bits(24, 0xa5);
  return with_options({
      png(rgb, rgb_profile(), exif(6)),
      png(noise(24, 17, 1, 9), grey_profile(), exif(8, true)),
      png({.width = 24, .height = 17, .data = rgb.bytes, .interlaced = true}),
      png(noise(24, 17, 4, 7)),
      png(rgb, p3_profile()),
      png({.width = 6, .height = 4, .depth = 16, .data = noise(36, 4, 1, 2).bytes, .icc = linear_profile()}),
      png({.width = 6,
           .height = 4,
           .depth = 16,
           .color_type = 6,
           .data = noise(48, 4, 1, 2).bytes,
           .exif = exif(5),
           .chunks = {{"gAMA", std::string("\0\x01\x86\xA0", 4)}, {"tEXt", std::string("a\0b", 3)}}}),
      png({.width = 24,
           .height = 17,
           .data = rgb.bytes,
           .chunks = {{"cICP", std::string("\x0C\x0D\0\x01", 4)}},
           .transparent_rgb = {1, 2, 3}}),
      png(noise(24, 17, 2, 8)),
      png({.width = 6, .height = 2, .depth = 16, .color_type = 0, .data = bits, .transparent_grey = 7}),
      png({.width = 8, .height = 24, .depth = 1, .color_type = 0, .data = bits}),
      png({.width = 8,
           .height = 6,
           .depth = 4,
           .color_type = 3,
           .data = bits,
           .palette = {0, 0, 0, 255, 255, 255, 9, 8, 7, 1, 2, 3, 1, 1, 1, 2, 2,
                       2, 3, 3, 3,   4,   4,   4, 5, 5, 5, 6, 6, 6, 7, 7, 7},
           .transparent = {0, 255, 128}}),
      png(Pixels(300, 40, 3, 200)),
      png(Pixels(40, 300, 1, 0)),
  });
}

void run(Bytes input) { check_picture(input); }

namespace {

/// Gives every chunk the checksum of its bytes: libpng reads no further where one is wrong.
void repair_checksums(std::uint8_t* data, std::size_t size) {
  const auto number_at = [&](std::size_t at) {
    return std::uint32_t{data[at]} << 24 | std::uint32_t{data[at + 1]} << 16 | std::uint32_t{data[at + 2]} << 8 |
           data[at + 3];
  };
  for (std::size_t at = 8; at + 12 <= size;) {
    const std::size_t length = number_at(at);
    if (length > size - at - 12) return;
    const auto sum = static_cast<std::uint32_t>(crc32(0, data + at + 4, static_cast<uInt>(length + 4)));
    for (int i = 0; i < 4; ++i)
      data[at + 8 + length + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    at += length + 12;
  }
}

}  // namespace
}  // namespace inpaintd::fuzz

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

/// libFuzzer's own mutations; then, mostly, with checksums that are right.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
  const std::size_t changed = LLVMFuzzerMutate(data, size, size_max);
  if (seed % 8 != 0) inpaintd::fuzz::repair_checksums(data, changed);
  return changed;
}
