// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/image.h"
#include "tests/image/fixtures.h"

/// Masks of every form for a picture without a file, from request to answer. An input is the mask's bytes, and then, as
/// FuzzedDataProvider takes them from the end: the options, the picture's sides, the mask's form, and what belongs to
/// it.
namespace inpaintd::fuzz {
namespace {

enum Form : int { file, raw, bits, rects };

/// An input whose mask has this form for a picture of these sides; `sides` are the mask's own, two bytes each.
std::string seed(const std::string& bytes, Form form, int width, int height, const Options& options = {}) {
  const auto two = [](int value) { return std::string{static_cast<char>(value >> 8), static_cast<char>(value & 255)}; };
  return bytes + two(height) + two(width) + static_cast<char>(form) + static_cast<char>(height - 1) +
         static_cast<char>(width - 1) + encoded(options);
}

std::vector<Rect> take_rects(FuzzedDataProvider& input) {
  std::vector<Rect> list;
  while (input.remaining_bytes() >= 8 && list.size() < 300) {
    const auto number = [&] { return input.ConsumeIntegral<std::int16_t>(); };
    list.push_back({number(), number(), number(), number()});
  }
  return list;
}

}  // namespace

std::vector<std::string> seeds() {
  using fixtures::png;
  const std::string row = std::string("\xff\0\0\x80\xff", 5);
  return {
      seed(row + row + row, raw, 5, 3),
      seed("\x80\x01\xff", bits, 8, 3, {Format::jpeg, 50, Region::patch, Strategy::crop, 3, 5}),
      seed(std::string(2 * 120, '\x10'), bits, 12, 120, {Format::webp, 90, Region::full, Strategy::resize, 1, 8}),
      seed(std::string("\0\1\0\1\0\0\0\0\0\2\0\3\0\1\0\4", 16), rects, 100, 90),
      seed(png(fixtures::noise(24, 17, 1, 3)), file, 24, 17),
      seed(png(fixtures::noise(24, 17, 4, 3), "", fixtures::exif(6)), file, 17, 24),
      seed(png({.width = 8,
                .height = 2,
                .depth = 4,
                .color_type = 3,
                .data = {0, 1, 0x10, 0, 0, 0, 1, 2},
                .palette = {0, 0, 0, 90, 0, 0, 250, 250, 250},
                .transparent = {0}}),
           file, 8, 2),
      seed(png({.width = 2, .height = 1, .depth = 16, .color_type = 4, .data = {0, 0, 0, 0, 0, 1, 255, 255}}), file, 2,
           1),
      seed(png(Pixels(5, 4, 1, 1)), file, 5, 4, {.mask_values = MaskValues::nonzero}),
      seed(fixtures::jpeg(fixtures::noise(24, 17, 1, 3)), file, 24, 17),
      seed(fixtures::webp(fixtures::noise(24, 17, 3, 3)), file, 24, 17,
           {Format::raw, 1, Region::full, Strategy::whole, 64, 64}),
  };
}

void run(Bytes input) {
  FuzzedDataProvider provider(input.data(), input.size());
  Request request;
  request.options = take_options(provider);
  const int width = provider.ConsumeIntegralInRange(1, 128);
  const int height = provider.ConsumeIntegralInRange(1, 128);
  const Pixels picture(width, height, 3, 99);
  request.image = RawPixels{width, height, picture.bytes};

  const int form = provider.ConsumeIntegralInRange(0, static_cast<int>(rects));
  if (form == rects) {
    request.mask = RectMask{take_rects(provider)};
    return check_pipeline(request);
  }
  const std::int64_t mask_width = form == file ? 0 : provider.ConsumeIntegral<std::uint16_t>();
  const std::int64_t mask_height = form == file ? 0 : provider.ConsumeIntegral<std::uint16_t>();
  const auto bytes = provider.ConsumeRemainingBytes<std::uint8_t>();
  if (form == file) request.mask = EncodedFile{bytes};
  if (form == raw) request.mask = RawPixels{mask_width, mask_height, bytes};
  if (form == bits) request.mask = BitMask{mask_width, mask_height, bytes};
  check_pipeline(request);
}

}  // namespace inpaintd::fuzz
